/**
 * Debian's Postfix in a configuration and a queue of its own, on loopback ports, as shipped: main.cf says only who it is, where it
 * listens, and what the rows need (a Maildir, `-` for extensions, where the next host is). Its log goes nowhere, which is cheaper for it
 * than the log that yabumi writes.
 */
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { execa } from 'execa'
import { freePort } from '../support/ports.ts'
import { hostName, makeDirectory, type System } from './system.ts'

const daemons = '/usr/lib/postfix/sbin'

/** What is missing here to run it, in words; undefined if nothing. */
export function postfixMissing(): string | undefined {
  if (!existsSync(join(daemons, 'master'))) return 'Postfix is not installed'
  return process.getuid?.() === 0 ? undefined : 'only root can run Postfix'
}

/**
 * @param settings - further lines of main.cf
 * @param resolver - address of a DNS server on port 53; the system's if undefined
 * @param listeners - further lines of master.cf
 */
export async function startPostfix(
  directory: string,
  settings: readonly string[] = [],
  resolver?: string,
  listeners: readonly string[] = [],
): Promise<System> {
  const [config, queue, data] = ['etc', 'spool', 'data'].map((name) => makeDirectory(join(directory, name))) as [string, string, string]
  const smtpPort = await freePort()
  await execa('chown', ['postfix', data])
  const main = [
    'compatibility_level = 3.6',
    `queue_directory = ${queue}`,
    `data_directory = ${data}`,
    `daemon_directory = ${daemons}`,
    'command_directory = /usr/sbin',
    'meta_directory = /etc/postfix',
    'shlib_directory = /usr/lib/postfix',
    `myhostname = ${hostName}`,
    'mydestination = $myhostname',
    'inet_interfaces = 127.0.0.1',
    'inet_protocols = ipv4',
    'mynetworks = 127.0.0.0/8',
    'alias_maps =',
    'alias_database =',
    'home_mailbox = Postfix/',
    'recipient_delimiter = -',
    ...settings,
  ]
  writeFileSync(join(config, 'main.cf'), `${main.join('\n')}\n`)
  writeFileSync(join(config, 'master.cf'), `${services(smtpPort, resolver !== undefined)}${listeners.map((line) => `${line}\n`).join('')}`)
  if (resolver !== undefined) {
    writeFileSync(join(makeDirectory(join(queue, 'etc')), 'resolv.conf'), `nameserver ${resolver}\n`)
    for (const file of ['services', 'hosts', 'nsswitch.conf'])
      await execa('cp', [`/etc/${file}`, join(queue, 'etc', file)], { reject: false })
  }
  await execa('postfix', ['-c', config, 'check'], { reject: false })
  const child = execa(join(daemons, 'master'), ['-c', config, '-d'], {
    reject: false,
    buffer: false,
    stdio: 'ignore',
    env: {},
    extendEnv: false,
  })
  await listening(smtpPort)
  return {
    name: 'postfix',
    host: hostName,
    smtpPort,
    pid: child.pid ?? 0,
    maildir: 'Postfix',
    queue: ['maildrop', 'incoming', 'active', 'deferred'].map((name) => join(queue, name)),
    inject: ['/usr/sbin/sendmail', '-C', config, '-t'],
    async stop() {
      child.kill('SIGTERM')
      await child
    },
  }
}

/** Debian's master.cf, without what no row uses. */
function services(port: number, chrooted: boolean): string {
  const smtp = chrooted ? 'y' : 'n'
  return `127.0.0.1:${port} inet n - n - - smtpd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
proxywrite unix - - n - 1 proxymap
smtp unix - - ${smtp} - - smtp
relay unix - - ${smtp} - - smtp
showq unix n - n - - showq
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
local unix - n n - - local
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
`
}

async function listening(port: number): Promise<void> {
  const { until } = await import('../support/wait.ts')
  const { connect } = await import('node:net')
  const answers = (): Promise<boolean> =>
    new Promise((done) => {
      const socket = connect(port, '127.0.0.1', () => undefined)
      socket.once('data', () => done(true)).once('error', () => done(false))
      socket.once('data', () => socket.destroy())
    })
  await until('Postfix answers', answers)
}
