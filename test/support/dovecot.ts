/** Debian's Dovecot with IMAP alone, in a configuration of its own, on a loopback port, for the users of a scratch home. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { amRoot, type Cleaner, type ScratchHome, userAccount } from './home.ts'
import { freePort } from './ports.ts'
import { until } from './wait.ts'

/** For tap's `skip` option: why Dovecot cannot run here, or false. */
export function dovecotImapMissing(): string | false {
  if (!existsSync('/usr/lib/dovecot/imap')) return 'not on this machine: dovecot-imapd (make peers installs it)'
  return amRoot ? false : 'only root can run Dovecot'
}

/**
 * Start it. It is ended with the test.
 *
 * @param password - of every user
 * @returns its port
 */
export async function startDovecotImap(cleaner: Cleaner, home: ScratchHome, password: string): Promise<number> {
  const directory = join(home.root, 'dovecot')
  mkdirSync(directory, { mode: 0o755 })
  const port = await freePort()
  const config = join(directory, 'dovecot.conf')
  writeFileSync(config, configuration(directory, home, port, password))
  const child = spawn('/usr/sbin/dovecot', ['-F', '-c', config], { stdio: 'ignore' })
  const ended = once(child, 'exit')
  cleaner.teardown(async () => {
    child.kill('SIGTERM')
    await ended
  })
  const log = join(directory, 'log')
  await until(
    () => `Dovecot is ready: ${existsSync(log) ? readFileSync(log, 'latin1') : ''}`,
    () => existsSync(join(directory, 'run/login/imap')),
  )
  return port
}

function configuration(directory: string, home: ScratchHome, port: number, password: string): string {
  const { uid, gid } = userAccount
  return `base_dir = ${directory}/run
log_path = ${directory}/log
protocols = imap
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
first_valid_uid = 1
first_valid_gid = 1
mail_location = maildir:~/Maildir
mail_max_userip_connections = 200
passdb {
  driver = static
  args = password=${password}
}
userdb {
  driver = static
  args = uid=${uid} gid=${gid} home=${home.userHome('%u')}
}
namespace inbox {
  inbox = yes
  separator = /
}
service imap-login {
  inet_listener imap {
    port = ${port}
  }
  inet_listener imaps {
    port = 0
  }
}
`
}
