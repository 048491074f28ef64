/**
 * A client's connection for whoever speaks with it: a descriptor, in clear on both sides of a login.
 *
 * Under TLS it is one end of a socket pair. We keep the other, and pass on what comes. So pop3d, sessiond and authd
 * need to know nothing of TLS.
 */
import { closeSync } from 'node:fs'
import { Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { writeAll } from '@yabumi/files'
import { descriptorOf, socketPair } from '@yabumi/posix'
import type { ServerTls, TlsFacts } from '@yabumi/tlsfiles'

export interface Connection {
  /** Of a socket; good until letGo() or hangUp(). */
  readonly fd: number
  /** Of `tls-exporter` (RFC 9266); undefined without TLS 1.3. */
  readonly binding: Buffer | undefined
  /** Keep nothing of it: somebody else has it. */
  letGo(): void
  /** Say a last word, a byte string, and close. */
  hangUp(lastWord: string): void
}

const lingerMilliseconds = 2_000

/** @param socket - nothing was read from it */
export function inClear(socket: Socket): Connection {
  return {
    get fd() {
      return descriptorOf(socket)
    },
    binding: undefined,
    letGo: () => socket.destroy(),
    hangUp: (lastWord) => hangUp(socket, lastWord),
  }
}

/**
 * Begin TLS on a connection.
 *
 * @param socket - nothing was read from it but what went before
 * @returns in words why there is none. Never rejects
 */
export async function underTls(socket: Socket, tls: ServerTls): Promise<{ connection: Connection; facts: TlsFacts } | string> {
  const { socket: secure, outcome } = tls.begin(socket)
  secure.on('error', () => secure.destroy())
  const facts = await outcome
  if (typeof facts === 'string') return facts
  const [ours, theirs] = socketPair()
  passOn(secure, new Socket({ fd: ours, readable: true, writable: true, allowHalfOpen: true }))
  const letGo = (): void => closeSync(theirs)
  const hangUp = (lastWord: string): void => {
    try {
      writeAll(theirs, Buffer.from(lastWord, 'latin1'))
    } catch {
      // the client reads nothing, or has gone
    }
    letGo()
  }
  return { connection: { fd: theirs, binding: facts.exporter(), letGo, hangUp }, facts }
}

/** Both ways until both ends have closed. */
function passOn(secure: TLSSocket, inside: Socket): void {
  secure.pipe(inside)
  inside.pipe(secure, { end: false })
  // a program that ends with input unread breaks the pair; what it has said before that is good
  inside.on('error', () => undefined).on('close', () => hangUp(secure, ''))
  inside.on('end', () => inside.end())
  secure.on('close', () => inside.destroy())
}

/** Say a last word and close; what the client still sends is read, or the close would take the word back (RFC 1122 §4.2.2.13). */
function hangUp(socket: Socket, lastWord: string): void {
  if (socket.destroyed || socket.writableEnded) return
  const impatience = setTimeout(() => socket.destroy(), lingerMilliseconds)
  socket.on('close', () => clearTimeout(impatience)).on('end', () => socket.destroy())
  socket.end(lastWord, 'latin1')
  socket.resume()
}
