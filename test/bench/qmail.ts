/** C qmail as it is installed at QMAIL_HOME, with its own control files; tcpserver (ucspi-tcp) in front of its smtpd. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chownSync, existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { freePort } from '../support/ports.ts'
import type { Account } from './accounts.ts'
import type { System } from './system.ts'

const maildir = 'Qmail'

/** Where it is, or undefined if it is not there. */
export function qmailHome(): string | undefined {
  const home = process.env['QMAIL_HOME']
  return home !== undefined && existsSync(join(home, 'bin/qmail-start')) && existsSync(join(home, 'control/me')) ? home : undefined
}

export async function startQmail(home: string, accounts: readonly Account[]): Promise<System> {
  for (const account of accounts) {
    for (const part of ['', 'tmp', 'new', 'cur']) {
      const path = join(account.home, maildir, part)
      mkdirSync(path, { recursive: true, mode: 0o700 })
      chownSync(path, account.uid, account.gid)
    }
  }
  const smtpPort = await freePort()
  const uidOf = (name: string): string[] =>
    readFileSync('/etc/passwd', 'utf8')
      .match(new RegExp(`^${name}:[^:]*:(\\d+):(\\d+)`, 'm'))
      ?.slice(1, 3) ?? []
  const [uid = '', gid = ''] = uidOf('qmaild')
  const smtpd = `tcpserver -H -R -l 0 -c 100 -u ${uid} -g ${gid} 127.0.0.1 ${smtpPort} ${home}/bin/qmail-smtpd`
  const script = `${home}/bin/qmail-start ./${maildir}/ & ${smtpd} & wait`
  const env = { PATH: `${home}/bin:/usr/local/bin:/usr/bin:/bin` }
  const child = spawn('/bin/sh', ['-c', script], { cwd: '/', env, stdio: 'ignore', detached: true })
  const ended = once(child, 'exit')
  return {
    name: 'qmail',
    host: readFileSync(join(home, 'control/me'), 'utf8').trim(),
    smtpPort,
    pid: child.pid ?? 0,
    maildir,
    queue: ['todo', 'mess'].map((name) => join(home, 'queue', name)),
    inject: [join(home, 'bin/qmail-inject')],
    async stop() {
      process.kill(-(child.pid ?? 0), 'SIGTERM')
      await ended
    },
  }
}
