/** A session on descriptors 0 and 1, in clear or under TLS. Its end is that of the process. */
import { Duplex } from 'node:stream'
import { Input, Output, type Receiver } from '@yabumi/descriptor'
import type { ServerTls, TlsFacts } from '@yabumi/tlsfiles'
import type { Wire } from './wire.ts'

export class DescriptorWire implements Wire {
  readonly #tls: ServerTls | undefined
  readonly #handshakeSeconds: number
  readonly #input: Input
  readonly #output: Output
  /** Told whenever something passes. */
  readonly #active: () => void
  #receiver: Receiver
  #secure: Duplex | undefined
  #isShakingHands = false

  /** @param tls - undefined where none is offered. @throws the system's error if a descriptor is closed */
  constructor(receiver: Receiver, tls: ServerTls | undefined, handshakeSeconds: number, active: () => void) {
    this.#receiver = receiver
    this.#active = active
    this.#tls = tls
    this.#handshakeSeconds = handshakeSeconds
    const current: Receiver = {
      receive: (chunk) => {
        active()
        this.#receiver.receive(chunk)
      },
      inputEnded: () => this.#receiver.inputEnded(),
      lost: () => this.#receiver.lost(),
    }
    this.#output = new Output(current)
    this.#input = new Input(current)
  }

  send(replies: string): boolean {
    this.#active()
    return this.#secure === undefined ? this.#output.send(replies) : this.#secure.write(replies, 'latin1')
  }

  drained(): Promise<void> {
    const secure = this.#secure
    if (secure === undefined) return this.#output.drained()
    return new Promise((resolve) => {
      if (secure.writableNeedDrain) secure.once('drain', resolve)
      else resolve()
    })
  }

  pause(): void {
    ;(this.#secure ?? this.#input).pause()
  }

  resume(): void {
    ;(this.#secure ?? this.#input).resume()
  }

  async startTls(): Promise<TlsFacts | string> {
    if (this.#tls === undefined) return 'there is no certificate'
    const receiver = this.#receiver
    const { socket, outcome } = this.#tls.begin(this.#inClear(receiver), this.#handshakeSeconds)
    this.#secure = socket
    this.#isShakingHands = true
    socket
      .on('data', (chunk: Buffer) => receiver.receive(chunk))
      .on('end', () => receiver.inputEnded())
      .on('error', () => {
        if (!this.#isShakingHands) receiver.lost() // else its outcome says so
      })
    const agreed = await outcome
    this.#isShakingHands = false
    return agreed
  }

  close(exitCode: 0 | 1): void {
    this.#active()
    const leave = (): void => this.#output.end(() => process.exit(exitCode))
    if (this.#secure === undefined) leave()
    else if (this.#isShakingHands)
      process.exit(exitCode) // nothing can be sent now
    else this.#secure.end(leave)
  }

  /** The two descriptors as the stream that TLS speaks through. */
  #inClear(receiver: Receiver): Duplex {
    const stream = new Duplex({
      allowHalfOpen: true,
      read: () => this.#input.resume(),
      write: (chunk: Buffer, _encoding, done) => {
        if (this.#output.send(chunk.toString('latin1'))) done()
        else void this.#output.drained().then(() => done())
      },
    })
    this.#receiver = {
      receive: (chunk) => {
        if (!stream.push(chunk)) this.#input.pause()
      },
      inputEnded: () => stream.push(null),
      lost: () => receiver.lost(),
    }
    return stream
  }
}
