/**
 * make start: make the checkout a home if it is not one, and run it in the foreground on loopback ports.
 *
 * A guest is made with the home, so that the commands that are printed work at once whoever runs this. Mail for an
 * account of the machine would need a Maildir in that account's home, which is not ours to make. The guest's password
 * is new each time. It is set only once this start has the home: one that runs already keeps its own.
 */
import { randomBytes } from 'node:crypto'
import { chownSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { hostname, userInfo } from 'node:os'
import { dirname, join } from 'node:path'
import type { Readable } from 'node:stream'
import { giveAccounts } from '@yabumi/homeaccounts'
import { holderOf } from '@yabumi/posix'
import { execa } from 'execa'

const home = join(import.meta.dirname, '../../../..')
const environment = { ...process.env, YABUMI_HOME: home }
const guestDirectory = join(home, 'users/guest')
const amRoot = process.getuid?.() === 0
const nobody = 65_534 // a delivery never runs as root
const ownDomain = 'localdomain'

async function program(name: string, args: string[], input = ''): Promise<void> {
  await execa(join(home, 'bin', name), args, { env: environment, input, stdout: 'ignore', stderr: ['pipe'] })
}

/** The host's name. One without a dot gets a domain, because inject gives it one in every address. */
function hostName(): string {
  const name = /^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$/.test(hostname()) ? hostname() : 'localhost'
  if (name.includes('.')) return name
  const ours = new Set([`${name}.${ownDomain}`, name, `localhost.${ownDomain}`, 'localhost'])
  mkdirSync(join(home, 'control'), { recursive: true })
  for (const file of ['locals', 'rcpthosts']) writeFileSync(join(home, 'control', file), `${[...ours].join('\n')}\n`)
  writeFileSync(join(home, 'control/defaultdomain'), `${ownDomain}\n`)
  return `${name}.${ownDomain}`
}

/** Accounts, where root can make them; config-fast; and one user who lives in users/guest. */
async function makeHome(): Promise<void> {
  if (canHaveAccounts()) makeAccounts()
  await program('config-fast', [hostName()])
  const uid = amRoot ? nobody : userInfo().uid
  const gid = amRoot ? nobody : userInfo().gid
  for (const path of [guestDirectory, ...['', 'tmp', 'new', 'cur'].map((part) => join(guestDirectory, 'Maildir', part))]) {
    mkdirSync(path, { mode: 0o700 })
    chownSync(path, uid, gid)
  }
  const line = (kind: string, dash: string) => `${kind}:guest:${uid}:${gid}:${guestDirectory}:${dash}::\n`
  writeFileSync(join(home, 'users/assign'), `${line('=guest', '')}${line('+guest-', '-')}.\n`)
  await program('newu', [])
}

/** Only a directory of root's that others may enter: what the accounts run lies there. */
function canHaveAccounts(): boolean {
  const { uid, mode } = statSync(home)
  return amRoot && uid === 0 && (mode & 0o022) === 0 && isReachable()
}

/** As make install makes them, with its variable for their names. */
function makeAccounts(): void {
  process.chdir(home)
  const accountPrefix = process.env['ACCOUNT_PREFIX'] || 'yabumi-'
  giveAccounts({ home, destdir: '', accountPrefix }, (line) => process.stdout.write(`${line}\n`))
}

async function isFree(address: string, port: number): Promise<boolean> {
  const server = createServer()
  return new Promise((resolve) => {
    server.once('error', () => resolve(false))
    server.listen(port, address, () => server.close(() => resolve(true)))
  })
}

/** The first port from `wanted` on that is free, at every loopback address that this machine has. */
async function endpoints(wanted: number): Promise<string[]> {
  const addresses = (await isFree('::1', 0)) ? ['127.0.0.1', '::1'] : ['127.0.0.1']
  for (let port = wanted; port < 65_536; port += 1) {
    const free = await Promise.all(addresses.map((address) => isFree(address, port)))
    if (free.every(Boolean)) return addresses.map((address) => (address === '::1' ? `[::1]:${port}` : `${address}:${port}`))
  }
  throw new Error('no free port')
}

/** Whether other accounts may go to this directory at all: every directory above lets everybody pass. */
function isReachable(): boolean {
  for (let path = home; path !== dirname(path); path = dirname(path)) if ((statSync(path).mode & 1) === 0) return false
  return true
}

function greeting(smtp: readonly string[], pop3: readonly string[], secret: string): string {
  const me = readFileSync(join(home, 'control/me'), 'utf8').split('\n')[0]
  const port = (addresses: readonly string[]) => addresses[0]?.replace(/.*:/, '')
  const warning =
    amRoot && !isReachable() ? '\n(Not yet: uid 65534, who is guest here, cannot reach this directory. Its mail will wait.)\n' : ''
  return `
yabumi runs in ${home} as ${userInfo().username}, for mail to ${me}
  SMTP  ${smtp.join('  ')}
  POP3  ${pop3.join('  ')}

Try in another terminal:
  printf 'Subject: hello\\n\\nby inject\\n' | bin/inject guest@${me}; sleep 1; ls users/guest/Maildir/new
  printf 'Subject: hello\\n\\nby SMTP\\n' | curl -sS --crlf smtp://127.0.0.1:${port(smtp)} --mail-from you@${me} --mail-rcpt guest@${me} -T -
  curl -sS -u guest:${secret} pop3://127.0.0.1:${port(pop3)}/1
${warning}
Ctrl-C ends it. The log:
`
}

/** @returns the guest's; without a guest, or if it cannot be set, a word in place of somebody's */
async function givePassword(): Promise<string> {
  const secret = randomBytes(6).toString('base64url')
  try {
    if (!existsSync(guestDirectory)) return 'PASSWORD'
    await program('setpassword', ['guest'], `${secret}\n`)
    return secret
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
    return 'PASSWORD'
  }
}

async function main(): Promise<void> {
  const other = holderOf(join(home, 'supervise/lock'))
  if (other !== undefined) {
    process.stdout.write(
      `yabumi runs in ${home} already, by process ${other}; nothing is changed. Ctrl-C where it was started, or kill ${other}, ends it.\n`,
    )
    return
  }
  if (!existsSync(join(home, 'control/me'))) await makeHome()
  const smtp = await endpoints(2525)
  const pop3 = await endpoints(1110)
  const listen = [...smtp.flatMap((address) => ['--smtp', address]), ...pop3.flatMap((address) => ['--pop3', address])]
  const running = execa(join(home, 'bin/supervise'), ['--ready-fd', '3', ...listen], {
    env: environment,
    stdio: ['ignore', 'inherit', 'inherit', 'pipe'],
    buffer: false,
    reject: false,
  })
  const ready = running.stdio[3] as Readable
  ready.once('data', () => void givePassword().then((secret) => process.stdout.write(greeting(smtp, pop3, secret))))
  process.on('SIGINT', () => undefined) // a terminal sends it to supervise as well
  for (const name of ['SIGTERM', 'SIGHUP', 'SIGALRM'] as const) process.on(name, () => running.kill(name))
  process.exitCode = (await running).exitCode ?? 111
}

await main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 111
})
