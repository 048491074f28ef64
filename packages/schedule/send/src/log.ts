/**
 * The log on descriptor 0: qmail's lines, which other programs read (spec §2.5.7).
 *
 * Lines gather until the end of a turn and are then written together, before any command of that turn. A reader that
 * has stopped reading stops send, as it stops qmail-send: no line is lost. A log that is gone is gone; mail goes on.
 */
import { writeSync } from 'node:fs'
import { whenReady } from '@yabumi/files'

export class Log {
  readonly #fd: number
  #waiting = ''

  constructor(fd: number) {
    this.#fd = fd
  }

  /** Add a line; no line end in `text`. */
  line(text: string): void {
    this.#waiting += `${text}\n`
  }

  warning(text: string): void {
    this.line(`warning: ${text}`)
  }

  alert(text: string): void {
    this.line(`alert: ${text}`)
  }

  /** Write what has gathered. */
  flush(): void {
    if (this.#waiting === '') return
    const bytes = Buffer.from(this.#waiting, 'latin1')
    this.#waiting = ''
    let at = 0
    while (at < bytes.length) {
      try {
        at += whenReady(() => writeSync(this.#fd, bytes, at)) // a pipe that is full may not be ours to make blocking
      } catch {
        return
      }
    }
  }
}
