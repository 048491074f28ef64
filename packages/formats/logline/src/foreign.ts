/**
 * What somebody else's program may put into the log. Its lines say whose they are, are of printable words that nobody
 * takes for send's, and so many a minute.
 *
 * Never   waits for the log with a flood in memory: what is beyond the minute's bytes stays in the stream, whose writer
 *         waits
 * Trust   none: whoever runs the program decides what comes, and how much
 */
import type { Readable } from 'node:stream'
import { foreignLineBytes, foreignLogBytes } from '@yabumi/limits'
import { logSafe } from './safe.ts'
import { LineSplitter } from './splitter.ts'

export interface ForeignLimits {
  /** A longer line comes in pieces. */
  readonly lineBytes: number
  /** Of all lines with one mark within `seconds`, marks included. */
  readonly bytes: number
  readonly seconds: number
}

/** One mark's share of the log for a while. */
interface Share {
  left: number
  isUsedUp: boolean
  readonly end: Promise<void>
}

export class ForeignLines {
  readonly #write: (line: string) => void
  readonly #limits: ForeignLimits
  readonly #shares = new Map<string, Share>()

  /** @param write - puts one line, a byte string without its end, into the log */
  constructor(write: (line: string) => void, limits: ForeignLimits = { lineBytes: foreignLineBytes, bytes: foreignLogBytes, seconds: 60 }) {
    this.#write = write
    this.#limits = limits
  }

  /**
   * Pass the lines of a stream on.
   *
   * @param stream - of Buffers; the caller destroys it when it is to be heard no more
   * @param mark - whose they are: `lspawn: uid 1001`. What has the same mark has one share
   * @returns when the stream has ended, or was destroyed; never rejects
   */
  async passOn(stream: Readable, mark: string): Promise<void> {
    const splitter = new LineSplitter(this.#limits.lineBytes)
    try {
      for await (const bytes of stream) {
        for (const line of splitter.push((bytes as Buffer).toString('latin1'))) await this.#say(mark, line)
      }
    } catch {
      // destroyed, or unreadable: the rest is nobody's
    }
    for (const line of splitter.end()) await this.#say(mark, line)
  }

  async #say(mark: string, line: string): Promise<void> {
    const text = `${mark}: ${logSafe(line)}`
    for (;;) {
      const share = this.#shares.get(mark) ?? this.#begin(mark)
      if (share.left > text.length) {
        share.left -= text.length + 1
        this.#write(text)
        return
      }
      if (!share.isUsedUp)
        this.#write(`${mark} has said more than ${this.#limits.bytes} bytes within ${this.#limits.seconds} s: the rest waits`)
      share.isUsedUp = true
      await share.end
    }
  }

  #begin(mark: string): Share {
    const end = new Promise<void>((resolve) => {
      const timer = setTimeout(() => {
        this.#shares.delete(mark)
        resolve()
      }, this.#limits.seconds * 1000)
      timer.unref()
    })
    const share: Share = { left: this.#limits.bytes, isUsedUp: false, end }
    this.#shares.set(mark, share)
    return share
  }
}
