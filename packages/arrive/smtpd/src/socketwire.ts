/** A session on a connection of our own, in clear or under TLS. */
import type { Socket } from 'node:net'
import type { Receiver } from '@yabumi/descriptor'
import type { ServerTls, TlsFacts } from '@yabumi/tlsfiles'
import type { Wire } from './wire.ts'

export class SocketWire implements Wire {
  readonly #tls: ServerTls
  readonly #handshakeSeconds: number
  #socket: Socket
  #receiver: Receiver | undefined
  #isShakingHands = false

  /** @param handshakeSeconds - the handshake may take so long, if that is less than usual */
  constructor(socket: Socket, tls: ServerTls, handshakeSeconds: number) {
    this.#socket = socket
    this.#tls = tls
    this.#handshakeSeconds = handshakeSeconds
  }

  /** From now on this gets what comes. */
  bringTo(receiver: Receiver): void {
    this.#receiver = receiver
    this.#attach(receiver)
  }

  send(replies: string): boolean {
    return this.#socket.write(replies, 'latin1')
  }

  drained(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#socket.writableNeedDrain) this.#socket.once('drain', resolve)
      else resolve()
    })
  }

  pause(): void {
    this.#socket.pause()
  }

  resume(): void {
    if (this.#socket.isPaused()) this.#socket.resume()
  }

  async startTls(): Promise<TlsFacts | string> {
    const clear = this.#socket.removeAllListeners('data').removeAllListeners('end')
    const { socket, outcome } = this.#tls.begin(clear, this.#handshakeSeconds)
    this.#socket = socket
    this.#isShakingHands = true
    if (this.#receiver !== undefined) this.#attach(this.#receiver)
    const agreed = await outcome
    this.#isShakingHands = false
    return agreed
  }

  close(): void {
    if (this.#isShakingHands)
      this.#socket.destroy() // what it is to send would wait for the handshake
    else this.#socket.destroySoon()
  }

  #attach(receiver: Receiver): void {
    this.#socket.on('data', (chunk: Buffer) => receiver.receive(chunk))
    this.#socket.on('end', () => receiver.inputEnded())
    this.#socket.on('error', () => {
      if (!this.#isShakingHands) receiver.lost() // else its outcome says so
    })
  }
}
