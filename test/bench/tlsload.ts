/**
 * What is sent over TLS, which smtp-source cannot do: `node test/bench/tlsload.ts JSON` is a client by itself, so that its processor time is
 * the load's.
 *
 * It speaks one command after the other, as smtp-source does, over a connection a message.
 */
import { once } from 'node:events'
import { connect as connectPlain, type Socket } from 'node:net'
import { connect as connectTls, createSecureContext, type TLSSocket } from 'node:tls'
import { clocked } from './clocked.ts'

/** The group in which keys are agreed on: the newer ones are dearer, and Debian's OpenSSL, which Postfix has, does not know them. */
export const tlsGroup = 'X25519'

export interface TlsLoad {
  readonly port: number
  /** Connections, each with a message; none where there is no recipient. */
  readonly messages: number
  readonly sessions: number
  readonly sizeBytes: number
  readonly from: string
  readonly to?: string
  /** clear: no TLS. resumed: what the server gave for it is taken up again, as far as a session has any yet. */
  readonly tls: 'clear' | 'full' | 'resumed'
  readonly login?: { readonly user: string; readonly password: string }
}

/** Send. @returns processor time that it took itself, in seconds */
export function sendOverTls(load: TlsLoad): Promise<number> {
  const words = [process.execPath, '--disable-warning=ExperimentalWarning', import.meta.filename, JSON.stringify(load)]
  return clocked('"$@"', words)
}

/** For all connections: to make one costs a client more than a handshake. It trusts nobody, because it looks at no certificate. */
const secureContext = createSecureContext({ ecdhCurve: tlsGroup, ca: [] })

/** One connection, and what it has to say. */
class Client {
  #socket: Socket
  #text = ''
  #told: (() => void) | undefined
  #error: Error | undefined

  constructor(socket: Socket) {
    this.#socket = socket
    this.#listen(socket)
  }

  #listen(socket: Socket): void {
    const fail = (error: Error): void => {
      this.#error = error
      this.#told?.()
    }
    socket.on('error', fail).on('close', () => fail(new Error('the server closed')))
    socket.setEncoding('latin1').on('data', (text: string) => {
      this.#text += text
      this.#told?.()
    })
  }

  /** Wait for a reply; one that is not wanted is an error. */
  async expect(code: string, line?: string): Promise<string> {
    if (line !== undefined) this.#socket.write(`${line}\r\n`, 'latin1')
    for (;;) {
      const end = /^\d{3}(?: .*)?\r\n/m.exec(this.#text)
      if (end !== null) {
        this.#text = this.#text.slice(end.index + end[0].length)
        if (!end[0].startsWith(code)) throw new Error(`not ${code}: ${end[0]}`)
        return end[0]
      }
      if (this.#error !== undefined) throw this.#error
      await new Promise<void>((told) => {
        this.#told = told
      })
    }
  }

  async secure(session: Buffer | undefined): Promise<TLSSocket> {
    const plain = this.#socket.removeAllListeners('data').removeAllListeners('close')
    const tls = connectTls({ socket: plain, secureContext, rejectUnauthorized: false, ...(session === undefined ? {} : { session }) })
    this.#socket = tls
    await once(tls, 'secureConnect')
    this.#listen(tls)
    return tls
  }

  end(): void {
    this.#socket.removeAllListeners('close').on('error', () => undefined)
    this.#socket.end()
  }
}

/** A session over STARTTLS that says nothing more. @param localAddress - its client's */
export async function idleSession(port: number, localAddress: string): Promise<TLSSocket> {
  const client = new Client(connectPlain({ port, host: '127.0.0.1', localAddress }))
  await client.expect('220')
  await client.expect('250', 'EHLO load.example')
  await client.expect('220', 'STARTTLS')
  const socket = await client.secure(undefined)
  await client.expect('250', 'EHLO load.example')
  return socket
}

/** @returns how many connections took up a session again */
async function run({ port, messages, sessions, sizeBytes, from, to, tls, login }: TlsLoad): Promise<number> {
  const body = `From: <${from}>\r\nSubject: bench\r\n\r\n${`${'X'.repeat(78)}\r\n`.repeat(Math.ceil(sizeBytes / 80))}`
  const plain = login === undefined ? '' : Buffer.from(`\0${login.user}\0${login.password}`, 'latin1').toString('base64')
  let left = messages
  let reused = 0
  const lane = async (): Promise<void> => {
    let session: Buffer | undefined
    for (; left > 0; ) {
      left -= 1
      const client = new Client(connectPlain(port, '127.0.0.1').setNoDelay())
      await client.expect('220')
      await client.expect('250', 'EHLO load.example')
      if (tls !== 'clear') {
        await client.expect('220', 'STARTTLS')
        const secured = await client.secure(tls === 'resumed' ? session : undefined)
        if (tls === 'resumed')
          secured.once('session', (ticket: Buffer) => {
            session = ticket
          })
        if (secured.isSessionReused()) reused += 1
        await client.expect('250', 'EHLO load.example')
      }
      if (login !== undefined) await client.expect('235', `AUTH PLAIN ${plain}`)
      if (to !== undefined) {
        await client.expect('250', `MAIL FROM:<${from}>`)
        await client.expect('250', `RCPT TO:<${to}>`)
        await client.expect('354', 'DATA')
        await client.expect('250', `${body}.`)
      }
      await client.expect('221', 'QUIT')
      client.end()
    }
  }
  await Promise.all(Array.from({ length: sessions }, lane))
  return reused
}

if (process.argv[1] === import.meta.filename) {
  const load = JSON.parse(process.argv[2] ?? '') as TlsLoad
  const reused = await run(load)
  const least = load.tls === 'resumed' ? load.messages - 2 * load.sessions : 0
  if (reused < least) throw new Error(`only ${reused} of ${load.messages} sessions were taken up again`)
}
