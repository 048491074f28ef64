/**
 * Kind dialogue, side server: what a client says in clear with STARTTLS must count for nothing (RFC 3207 §4.2).
 *
 * Right is a server that ends such a connection, or that answers under TLS as if nothing had been said before: to the byte
 * as in a session of its own, and with nothing in the queue.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, chownSync, writeFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { connect as connectTls } from 'node:tls'
import { selfSigned } from '@yabumi/selfsigned'
import { amRoot, type Cleaner, ScratchHome } from '../support/home.ts'
import { accountUids, giveAccounts, Logins } from '../support/logins.ts'
import { freePort } from '../support/ports.ts'
import { clientDialogue } from './clientdialogue.ts'
import type { Case, Outcome } from './suite.ts'

interface Step {
  readonly send?: string
  /** It goes out before the handshake, and no reply to it is waited for. */
  readonly before_tls?: boolean
  readonly tls?: boolean
}

interface Ports {
  readonly clear: number
  /** Where TLS begins at once. */
  readonly secret: number
}

const day = 86_400_000
const patienceMilliseconds = 20_000
const starters: Readonly<Record<string, RegExp>> = { smtp: /^STARTTLS\b/i, pop3: /^STLS\b/i }
const greetings: Readonly<Record<string, RegExp>> = { smtp: /^220 [^\n]*\r\n/, pop3: /^\+OK [^\n]*\r\n/ }
/** A whole reply; of POP3 the first line. */
const replies: Readonly<Record<string, RegExp>> = { smtp: /^[0-9]{3} [^\n]*\n/gm, pop3: /^(?:\+OK|-ERR)[^\n]*\n/gm }

/** What a server says, as it comes. */
class Hearing {
  text = ''
  ended = false
  readonly #socket: Socket

  constructor(socket: Socket) {
    this.#socket = socket
    socket.setEncoding('latin1')
    const end = (): void => {
      this.ended = true
      socket.emit('heard')
    }
    const hear = (text: string): void => {
      this.text += text
      socket.emit('heard')
    }
    socket.on('data', hear).on('end', end).on('close', end).on('error', end)
  }

  /** @returns whether it holds before the server hangs up */
  async until(holds: () => boolean): Promise<boolean> {
    const signal = AbortSignal.timeout(patienceMilliseconds)
    while (!this.ended && !holds()) await once(this.#socket, 'heard', { signal })
    return holds()
  }

  /** All of it. */
  async toItsEnd(): Promise<string> {
    await this.until(() => false)
    return this.text
  }
}

export async function dialogue(one: Case): Promise<Outcome> {
  const { input } = one
  const { side, protocol, steps } = input as { side: string; protocol: string; steps: readonly Step[] }
  if (side === 'client') return clientDialogue(one)
  if (side !== 'server') return { skipped: `nothing runs side ${side}` }
  if (!(protocol in starters)) return { skipped: `there is no ${protocol}` }
  const works: (() => unknown)[] = []
  const cleaner: Cleaner = { teardown: (work) => works.unshift(work) }
  try {
    const home = await ScratchHome.make(cleaner, 'joe')
    await certify(home)
    const ports = await (protocol === 'smtp' ? smtp(cleaner, home) : pop3(cleaner, home))
    const said = await underTls(cleaner, protocol, steps, ports)
    if (home.queued().length > 0) return 'a message is in the queue'
    const inside = steps.slice(steps.findIndex(({ tls }) => tls === true))
    const alone = (await converse(cleaner, ports.secret, inside)).replace(greetings[protocol] ?? '', '')
    if (alone === '') return 'there is no TLS'
    return said === undefined || said === alone ? undefined : `${JSON.stringify(said)}, and not ${JSON.stringify(alone)}`
  } finally {
    for (const work of works) await work()
  }
}

async function certify(home: ScratchHome): Promise<void> {
  if (amRoot) giveAccounts(home)
  const pem = join(home.directory, 'control/servercert.pem')
  writeFileSync(pem, selfSigned('mail.example.org', { from: new Date(Date.now() - day), until: new Date(Date.now() + day) }))
  chmodSync(pem, 0o640)
  if (amRoot) chownSync(pem, 0, accountUids.front)
  await home.run('setpassword', ['joe'], { input: 'secret\n' })
}

async function smtp(cleaner: Cleaner, { directory, environment }: ScratchHome): Promise<Ports> {
  const ports = { clear: await freePort(), secret: await freePort() }
  const { gid = 0 } = amRoot ? { gid: accountUids.front } : {}
  const account = amRoot ? ['--uid', String(accountUids.smtp), '--gid', String(gid)] : []
  const args = [
    '--listen',
    `127.0.0.1:${ports.clear}`,
    '--listen-tls',
    `127.0.0.1:${ports.secret}`,
    '--no-ptr',
    '--ready-fd',
    '3',
    ...account,
  ]
  const child = spawn(join(directory, 'bin/smtpd'), args, { env: environment, stdio: ['ignore', 'ignore', 'ignore', 'pipe'] })
  cleaner.teardown(async () => {
    if (child.exitCode === null && child.kill()) await once(child, 'exit')
  })
  await once(child.stdio[3] as Readable, 'data')
  return ports
}

async function pop3(cleaner: Cleaner, home: ScratchHome): Promise<Ports> {
  const secret = await freePort()
  const logins = await Logins.start(cleaner, home, { more: ['--listen-tls', `127.0.0.1:${secret}`] })
  return { clear: logins.port, secret }
}

/** @returns what was said under TLS, if it came to that */
async function underTls(cleaner: Cleaner, protocol: string, steps: readonly Step[], { clear }: Ports): Promise<string | undefined> {
  const socket = connect({ port: clear, host: '127.0.0.1', noDelay: true })
  cleaner.teardown(() => socket.destroy())
  const hearing = new Hearing(socket)
  const first = steps.findIndex(({ tls }) => tls === true)
  let due = 1
  for (const { send = '', before_tls: isHasty = false } of steps.slice(0, first)) {
    if (!(await hearing.until(() => (hearing.text.match(replies[protocol] ?? '') ?? []).length >= due))) return undefined
    socket.write(send, 'latin1')
    if (!isHasty) due += answeredInClear(send, starters[protocol])
  }
  if (!(await hearing.until(() => (hearing.text.match(replies[protocol] ?? '') ?? []).length >= due))) return undefined
  for (const event of ['data', 'end', 'close', 'error']) socket.removeAllListeners(event)
  return secured(
    socket.on('error', () => undefined),
    steps.slice(first),
  )
}

/** Commands up to the one that begins TLS. */
function answeredInClear(text: string, starter: RegExp | undefined): number {
  const lines = text.split('\r\n').slice(0, -1)
  const last = lines.findIndex((line) => starter?.test(line))
  return last < 0 ? lines.length : last + 1
}

async function converse(cleaner: Cleaner, port: number, steps: readonly Step[]): Promise<string> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true })
  cleaner.teardown(() => socket.destroy())
  return (await secured(socket, steps)) ?? ''
}

/** Make TLS of it, say everything and QUIT, and hear it to its end. @returns undefined if no TLS is made */
async function secured(socket: Socket, steps: readonly Step[]): Promise<string | undefined> {
  const secure = connectTls({ socket, rejectUnauthorized: false })
  const hearing = new Hearing(secure)
  let isSecret = false
  secure.once('secureConnect', () => {
    isSecret = true
    secure.emit('heard')
  })
  if (!(await hearing.until(() => isSecret))) return undefined
  secure.write(`${steps.map(({ send = '' }) => send).join('')}QUIT\r\n`, 'latin1')
  const said = await hearing.toItsEnd()
  return said === '' ? undefined : said
}
