/** Debian's Dovecot POP3 server in a configuration of its own, on a loopback port. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { execa } from 'execa'
import { freePort } from '../support/ports.ts'
import type { Account } from './accounts.ts'
import { makeDirectory } from './system.ts'

export interface MailServer {
  readonly name: string
  readonly pid: number
  stop(): Promise<void>
}

export function dovecotMissing(): string | undefined {
  if (!existsSync('/usr/lib/dovecot/pop3')) return 'dovecot-pop3d is not installed'
  return process.getuid?.() === 0 ? undefined : 'only root can run Dovecot'
}

/**
 * Passwords as Debian has it set up: those of the system's accounts, by PAM. They are hashed, as those of yabumi are.
 *
 * @param maildir - of the one account that can log in, which gets the password
 */
export async function startDovecot(
  directory: string,
  account: Account,
  maildir: string,
  password: string,
): Promise<MailServer & { readonly port: number }> {
  makeDirectory(directory)
  await execa('chpasswd', { input: `${account.name}:${password}\n` })
  const port = await freePort()
  const config = `base_dir = ${directory}/run
log_path = ${directory}/log
protocols = pop3
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
mail_location = maildir:${maildir}
passdb {
  driver = pam
}
userdb {
  driver = static
  args = uid=${account.uid} gid=${account.gid} home=${account.home}
}
service pop3-login {
  inet_listener pop3 {
    port = ${port}
  }
  inet_listener pop3s {
    port = 0
  }
}
`
  return { ...runDovecot(directory, config), port }
}

/** Run it until it is told to stop. @param config - its text */
export function runDovecot(directory: string, config: string): MailServer {
  const file = join(directory, 'dovecot.conf')
  writeFileSync(file, config)
  const child = spawn('/usr/sbin/dovecot', ['-F', '-c', file], { stdio: 'ignore' })
  const ended = once(child, 'exit')
  return {
    name: 'dovecot',
    pid: child.pid ?? 0,
    async stop() {
      child.kill('SIGTERM')
      await ended
    },
  }
}
