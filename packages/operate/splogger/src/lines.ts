/** Cut a log into what syslog takes: lines, and long lines into chunks (spec §8.5). */
import { printable } from '@yabumi/printable'

export type Priority = 'alert' | 'warning' | 'info'

const chunkBytes = 799
const newline = 10

export class LineCutter {
  readonly #log: (priority: Priority, text: string) => void
  #rest: Buffer = Buffer.alloc(0)
  /** What was said of the line whose first chunk has gone: the others say the same. */
  #begun: { readonly stamp: string; readonly priority: Priority } | undefined

  constructor(log: (priority: Priority, text: string) => void) {
    this.#log = log
  }

  take(piece: Buffer): void {
    let bytes = this.#rest.length === 0 ? piece : Buffer.concat([this.#rest, piece])
    for (;;) {
      const end = bytes.indexOf(newline)
      const length = end < 0 ? bytes.length : end
      if (length < chunkBytes && end < 0) break
      this.#say(bytes.subarray(0, Math.min(length, chunkBytes)))
      if (length < chunkBytes) this.#begun = undefined
      bytes = bytes.subarray(Math.min(length + 1, chunkBytes))
    }
    this.#rest = bytes
  }

  /** Nothing more will come. */
  end(): void {
    this.#say(this.#rest)
  }

  #say(chunk: Buffer): void {
    if (chunk.length === 0) return
    const text = printable(chunk.toString('latin1'), '?')
    if (this.#begun === undefined) {
      this.#begun = { stamp: stampNow(), priority: priorityOf(text) }
      this.#log(this.#begun.priority, `${this.#begun.stamp} ${text}`)
    } else this.#log(this.#begun.priority, `${this.#begun.stamp}+${text}`)
  }
}

function priorityOf(text: string): Priority {
  if (text.startsWith('alert:')) return 'alert'
  return text.startsWith('warning:') ? 'warning' : 'info'
}

/** Seconds since 1970 and six digits of a second. */
function stampNow(): string {
  const microseconds = BigInt(Date.now()) * 1000n
  return `${microseconds / 1_000_000n}.${String(microseconds % 1_000_000n).padStart(6, '0')}`
}
