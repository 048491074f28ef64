/**
 * Sessions that rest: their connections, without a process that serves them.
 *
 * A session comes back when its client says something, or something happens that it waits for. What the client said is
 * handed on with the connection. What becomes of it is sessiond's matter, which knows whose session it is.
 *
 * Memory  a socket each
 */
import { closeSync } from 'node:fs'
import { Socket } from 'node:net'
import { parkedCallSeconds, parkedPollMilliseconds, parkedSilenceSeconds } from '@yabumi/limits'
import type { ParkedSession } from '@yabumi/loginprotocol'
import { copyDescriptor, descriptorOf, readableOf } from '@yabumi/posix'

/** What a resting session leads to. */
export interface Wakes {
  /** It has to be served. The descriptor is good until the promise resolves. @param bytes - what the client has said */
  revive(connection: number, bytes: Buffer): Promise<void>
  /** The client has gone, or was silent for too long. */
  end(): void
}

const heard = Buffer.alloc(512) // one for all: what comes is copied at once
const all = new Set<Parked>()
let polling: NodeJS.Timeout | undefined

export class Parked {
  readonly #socket: Socket
  readonly #parked: ParkedSession
  readonly #wakes: Wakes
  readonly #since = performance.now()
  #calledAt = performance.now()

  /** @param connection - stays open at the caller's. @throws the system's error for what is no socket; then nothing is left open */
  constructor(connection: number, parked: ParkedSession, wakes: Wakes) {
    this.#parked = parked
    this.#wakes = wakes
    const onread = { buffer: heard, callback: (length: number, bytes: Uint8Array) => this.#hear(Buffer.from(bytes.subarray(0, length))) }
    let fd: number | undefined
    try {
      fd = copyDescriptor(connection)
      this.#socket = new Socket({ fd, readable: true, writable: true, allowHalfOpen: true, onread })
    } catch (error) {
      if (fd !== undefined) closeSync(fd)
      if (parked.watch !== undefined) closeSync(parked.watch)
      throw error
    }
    const gone = (): void => {
      if (this.#leave()) wakes.end()
      this.#socket.destroy()
    }
    this.#socket.on('end', gone).on('error', gone).on('close', gone)
    this.#socket.resume()
    all.add(this)
    polling ??= setInterval(poll, parkedPollMilliseconds)
  }

  get watch(): number | undefined {
    return this.#parked.watch
  }

  /** Say the last word, and close, unless it is served again. */
  hangUp(): void {
    if (!this.#leave()) return
    this.#socket.end(this.#parked.lastWord, 'latin1', () => this.#socket.destroy())
  }

  /** Something has happened that it waits for. */
  wake(): void {
    this.#socket.pause()
    this.#revive(Buffer.alloc(0))
  }

  /** Time has gone by. */
  tick(now: number): void {
    const { signOfLife } = this.#parked
    if (signOfLife === '' && now - this.#since > 1000 * parkedSilenceSeconds) {
      this.hangUp()
      this.#wakes.end()
    }
    if (signOfLife === '' || now - this.#calledAt < 1000 * parkedCallSeconds) return
    this.#calledAt = now
    if (this.#socket.writableLength > 0)
      this.#socket.destroy() // it has not taken the last one
    else this.#socket.write(signOfLife, 'latin1')
  }

  /** @returns false: no more is read here */
  #hear(bytes: Buffer): boolean {
    this.#revive(bytes)
    return false
  }

  #revive(bytes: Buffer): void {
    if (!this.#leave()) return
    void this.#wakes
      .revive(descriptorOf(this.#socket), bytes)
      .catch(() => this.#wakes.end())
      .finally(() => this.#socket.destroy())
  }

  /** @returns whether it rested until now */
  #leave(): boolean {
    if (!all.delete(this)) return false
    if (this.#parked.watch !== undefined) closeSync(this.#parked.watch)
    if (all.size === 0) {
      clearInterval(polling)
      polling = undefined
    }
    return true
  }
}

function poll(): void {
  const byWatch = new Map<number, Parked>()
  for (const each of all) if (each.watch !== undefined) byWatch.set(each.watch, each)
  for (const fd of readableOf([...byWatch.keys()])) byWatch.get(fd)?.wake()
  const now = performance.now()
  for (const each of all) each.tick(now)
}
