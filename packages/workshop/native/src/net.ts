/**
 * node:net for programs compiled ahead: a connection to a Unix socket straight from Bun, everything else from Bun's
 * node:net when it is first wanted. Loading that takes Bun 4 ms, which is a third of what inject takes as a whole.
 */
import type { NetConnectOpts, Socket as NodeSocket, OnReadOpts } from 'node:net'

interface BunSocket {
  /** @returns how many bytes were taken; -1 if the connection has ended */
  write(bytes: Buffer): number
  terminate(): void
  ref(): void
  unref(): void
}

interface BunHandlers {
  open(socket: BunSocket): void
  data(socket: BunSocket, bytes: Buffer): void
  drain(socket: BunSocket): void
  close(socket: BunSocket): void
  error(socket: BunSocket, error: Error): void
}

declare const Bun: { connect(options: { unix: string; socket: BunHandlers }): Promise<BunSocket> }

/** What a caller of connect() gives here: a path, and who takes what is read. */
interface UnixOptions {
  readonly path: string
  readonly onread: OnReadOpts
}

type Listener = (error?: Error) => void

/** As much of a net.Socket as the queue's client uses. */
class UnixConnection {
  destroyed = false
  #socket: BunSocket | undefined
  /** Bytes that the kernel has not taken yet. */
  #waiting: Buffer[] = []
  #isRef = true
  readonly #listeners = new Map<string, Listener[]>()

  constructor({ path, onread }: UnixOptions) {
    const handlers: BunHandlers = {
      open: (socket) => {
        this.#socket = socket
        if (!this.#isRef) socket.unref()
        if (this.destroyed) socket.terminate()
        else {
          this.#flush()
          this.#emit('connect')
        }
      },
      data: (_, bytes) => {
        if (!this.destroyed) take(onread, bytes)
      },
      drain: () => {
        this.#flush()
        if (!this.writableNeedDrain) this.#emit('drain')
      },
      close: () => this.#close(),
      error: (_, error) => this.#fail(error),
    }
    Bun.connect({ unix: path, socket: handlers }).catch((error: Error) => this.#fail(error))
  }

  get writable(): boolean {
    return !this.destroyed
  }

  get writableNeedDrain(): boolean {
    return this.#waiting.length > 0
  }

  write(bytes: Buffer): boolean {
    this.#waiting.push(bytes)
    this.#flush()
    return !this.writableNeedDrain
  }

  on(event: string, listener: Listener): this {
    this.#listeners.set(event, [...(this.#listeners.get(event) ?? []), listener])
    return this
  }

  once(event: string, listener: Listener): this {
    const once: Listener = (error) => {
      this.off(event, once)
      listener(error)
    }
    return this.on(event, once)
  }

  off(event: string, listener: Listener): this {
    this.#listeners.set(
      event,
      (this.#listeners.get(event) ?? []).filter((one) => one !== listener),
    )
    return this
  }

  ref(): this {
    this.#isRef = true
    this.#socket?.ref()
    return this
  }

  unref(): this {
    this.#isRef = false
    this.#socket?.unref()
    return this
  }

  destroy(): this {
    if (!this.destroyed) {
      this.destroyed = true
      this.#socket?.terminate()
      queueMicrotask(() => this.#emit('close'))
    }
    return this
  }

  #flush(): void {
    for (let bytes = this.#waiting[0]; bytes !== undefined && this.#socket !== undefined; bytes = this.#waiting[0]) {
      const taken = this.#socket.write(bytes)
      if (taken < 0) return
      if (taken < bytes.length) {
        this.#waiting[0] = bytes.subarray(taken)
        return
      }
      this.#waiting.shift()
    }
  }

  #fail(error: Error): void {
    if (this.destroyed) return
    this.#emit('error', error)
    this.#close()
  }

  #close(): void {
    if (this.destroyed) return
    this.destroyed = true
    this.#emit('close')
  }

  #emit(event: string, error?: Error): void {
    for (const listener of this.#listeners.get(event) ?? []) listener(error)
  }
}

/** Into the reader's buffer, a piece at a time. */
function take({ buffer, callback }: OnReadOpts, bytes: Buffer): void {
  const target = typeof buffer === 'function' ? buffer() : buffer
  for (let at = 0; at < bytes.length; at += target.length) {
    const piece = bytes.subarray(at, at + target.length)
    target.set(piece)
    callback(piece.length, target)
  }
}

type Net = typeof import('node:net')

/** Bun's own. */
function net(): Net {
  return require('node:net')
}

/** Of Bun's own where it leads to another host. */
export function connect(options: UnixOptions | NetConnectOpts): UnixConnection | NodeSocket {
  return 'path' in options ? new UnixConnection(options as UnixOptions) : net().connect(options)
}
/** As a class, it is called with `new`; what it returns is that. */
export function Socket(options: ConstructorParameters<Net['Socket']>[0]): NodeSocket {
  return new (net().Socket)(options)
}
export const isIP: Net['isIP'] = (text) => net().isIP(text)
export const isIPv4: Net['isIPv4'] = (text) => net().isIPv4(text)
export const isIPv6: Net['isIPv6'] = (text) => net().isIPv6(text)
