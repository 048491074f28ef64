/** Debian's Dovecot IMAP server in a configuration of its own, in clear and over TLS, for all accounts of the bench. */
import { existsSync } from 'node:fs'
import { freePort } from '../support/ports.ts'
import { type MailServer, runDovecot } from './dovecot.ts'
import type { Doors } from './imapclient.ts'
import { makeDirectory } from './system.ts'

/** Its Maildir below an account's home directory. */
export const dovecotMaildir = 'Dovecot'

export function dovecotImapMissing(): string | undefined {
  if (!existsSync('/usr/lib/dovecot/imap')) return 'dovecot-imapd is not installed'
  return process.getuid?.() === 0 ? undefined : 'only root can run Dovecot'
}

/**
 * Passwords are those of the system's accounts, by PAM, and what was right once is remembered. Its limits leave room for every row.
 *
 * @param pemFile - certificate and key
 */
export async function startDovecotImap(directory: string, pemFile: string): Promise<MailServer & Doors> {
  makeDirectory(directory)
  const [port, tlsPort] = [await freePort(), await freePort()]
  const config = `base_dir = ${directory}/run
log_path = ${directory}/log
protocols = imap
listen = 127.0.0.1
ssl = yes
ssl_cert = <${pemFile}
ssl_key = <${pemFile}
disable_plaintext_auth = no
auth_cache_size = 10M
mail_location = maildir:~/${dovecotMaildir}
mail_max_userip_connections = 5000
default_client_limit = 8000
passdb {
  driver = pam
  args = cache_key=%u dovecot
}
userdb {
  driver = passwd
}
service imap-login {
  inet_listener imap {
    port = ${port}
  }
  inet_listener imaps {
    port = ${tlsPort}
    ssl = yes
  }
  client_limit = 3000
  process_limit = 1000
}
service imap {
  process_limit = 4000
}
service anvil {
  client_limit = 20000
}
service auth {
  client_limit = 20000
}
`
  return { ...runDovecot(directory, config), port, tlsPort }
}
