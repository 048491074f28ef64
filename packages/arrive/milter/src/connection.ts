/** A connection to a filter: what is sent goes at once, what comes is waited for, each time for so long. */
import { connect, type Socket } from 'node:net'
import { type Packet, PacketReader } from './packets.ts'
import type { Milter } from './settings.ts'
import { MilterTrouble } from './trouble.ts'

export class MilterConnection {
  readonly #socket: Socket
  readonly #reader = new PacketReader()
  #trouble: MilterTrouble | undefined
  #wake: () => void = () => {}

  private constructor(socket: Socket) {
    this.#socket = socket
    socket.on('data', (bytes) => {
      this.#reader.push(bytes)
      this.#wake()
    })
    socket.once('close', () => this.#fail('it closed the connection'))
    socket.on('error', (error) => this.#fail(error.message))
  }

  /** @throws MilterTrouble if there is none within the time */
  static async open({ address, seconds }: Milter): Promise<MilterConnection> {
    const socket = 'path' in address ? connect(address.path) : connect(address.port, address.host)
    const connection = new MilterConnection(socket)
    let isOpen = false
    socket.once('connect', () => {
      isOpen = true
      connection.#wake()
    })
    try {
      await connection.#until(() => isOpen || undefined, seconds.connect)
    } catch (error) {
      connection.close()
      throw error
    }
    return connection
  }

  /** Send packets; resolves when the filter reads them. @throws MilterTrouble if it does not */
  async send(packets: readonly Buffer[], seconds: number): Promise<void> {
    if (this.#trouble !== undefined) throw this.#trouble
    if (this.#reader.pendingBytes > 0) throw new MilterTrouble('it replied out of turn')
    if (this.#socket.write(Buffer.concat(packets))) return
    let isDrained = false
    this.#socket.once('drain', () => {
      isDrained = true
      this.#wake()
    })
    await this.#until(() => isDrained || undefined, seconds)
  }

  /** The next packet. @throws MilterTrouble if none comes in time, or it is none */
  receive(seconds: number): Promise<Packet> {
    return this.#until(() => this.#reader.next(), seconds)
  }

  /** End it, after what was sent. */
  close(): void {
    this.#socket.destroySoon()
    this.#socket.unref()
  }

  #fail(reason: string): void {
    this.#trouble ??= new MilterTrouble(reason)
    this.#wake()
  }

  /** Wait until there is something to return. */
  async #until<T>(look: () => T | undefined, seconds: number): Promise<T> {
    const deadline = performance.now() + 1000 * seconds
    for (;;) {
      const found = look()
      if (found !== undefined) return found
      if (this.#trouble !== undefined) throw this.#trouble
      const leftMilliseconds = deadline - performance.now()
      if (leftMilliseconds <= 0) throw new MilterTrouble(`silent for ${seconds} seconds`)
      const { promise, resolve } = Promise.withResolvers<void>()
      this.#wake = resolve
      const timer = setTimeout(resolve, leftMilliseconds)
      await promise
      clearTimeout(timer)
    }
  }
}
