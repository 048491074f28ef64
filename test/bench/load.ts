/** What is sent: by Postfix's own load generator, smtp-source, and what receives: its smtp-sink. */
import { existsSync } from 'node:fs'
import { execa } from 'execa'
import { freePort } from '../support/ports.ts'
import { until } from '../support/wait.ts'
import { clocked } from './clocked.ts'

export interface Load {
  readonly port: number
  readonly messages: number
  readonly sessions: number
  readonly sizeBytes: number
  /** One after the other over one connection a session, instead of a connection a message. */
  readonly keep?: boolean
}

/** What is missing here to make a load, in words; undefined if nothing. */
export function loadMissing(): string | undefined {
  return existsSync('/usr/sbin/smtp-source') ? undefined : 'smtp-source (Debian package postfix) is not installed'
}

/** Send to one address, never more sessions at a time than said. @returns processor time that it took itself, in seconds */
export async function send(load: Load, recipient: string): Promise<number> {
  return source(load, ['-t', recipient])
}

/**
 * Send to so many addresses in turn, which are the numbers from 1 in front of this one, round after round.
 *
 * Two at a time do half of the sessions each: while one waits for the last message of its round the other goes on.
 */
export async function sendInTurn(load: Load, addresses: number, address: string): Promise<number> {
  const part = { ...load, messages: addresses, sessions: load.sessions / 2 }
  let rounds = load.messages / addresses
  let seconds = 0
  const lane = async (): Promise<void> => {
    for (; rounds > 0; ) {
      rounds -= 1
      seconds += await source(part, ['-N', '-t', address])
    }
  }
  await Promise.all([lane(), lane()])
  return seconds
}

async function source({ port, messages, sessions, sizeBytes, keep }: Load, to: readonly string[]): Promise<number> {
  const options = ['-s', sessions, '-m', messages, '-l', sizeBytes, '-f', 'load@load.example', ...to].map(String)
  const words = ['smtp-source', ...(keep === true ? ['-d'] : []), ...options, `127.0.0.1:${port}`]
  return clocked('"$@"', words)
}

export interface Sink {
  readonly port: number
  /** Messages taken since the last call of clear. */
  messages(): number
  /** When the last one was taken, in ms since 1970. */
  last(): number
  clear(): void
  stop(): Promise<void>
}

/** Start smtp-sink. */
export async function startSink(address = '127.0.0.1', wanted?: number): Promise<Sink> {
  const port = wanted ?? (await freePort(address))
  const user = process.getuid?.() === 0 ? ['-u', 'nobody'] : []
  const child = execa('smtp-sink', [...user, '-c', `${address}:${port}`, '1000'], { reject: false, buffer: false, stdin: 'ignore' })
  let total = 0
  let before = 0
  let last = 0
  child.stdout.on('data', (text: Buffer) => {
    for (const [, count] of text.toString().matchAll(/mesg=(\d+)/g)) total = Number(count)
    last = Date.now()
  })
  const { connect } = await import('node:net')
  await until(
    'smtp-sink answers',
    () =>
      new Promise<boolean>((done) => {
        const socket = connect(port, address)
        socket.once('data', () => done(true)).once('error', () => done(false))
        socket.once('data', () => socket.end('QUIT\r\n'))
      }),
  )
  return {
    port,
    messages: () => total - before,
    last: () => last,
    clear() {
      before = total
    },
    async stop() {
      child.kill('SIGTERM')
      await child
    },
  }
}
