/**
 * A todo/ file: what queue has accepted, read record by record through a buffer (spec §1.2).
 */
import { closeSync, constants, openSync, readSync } from 'node:fs'
import { Trouble } from '@yabumi/trouble'

/** A letter and its text; byte strings. */
export type TodoRecord = readonly [letter: string, text: string]

const bufferBytes = 65_536
const longestRecord = 1_048_576 // queue takes no address of more than 1002 bytes
const scratch = Buffer.allocUnsafe(bufferBytes)

export class TodoFile {
  readonly path: string
  #fd: number
  #text = ''

  /**
   * Open it and read the first buffer of it.
   *
   * @param path - relative to queue/
   * @throws the system's error
   */
  constructor(path: string) {
    this.path = path
    this.#fd = openSync(`queue/${path}`, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW) // never wait for a FIFO
    try {
      this.#read()
    } catch (error) {
      this.close()
      throw error
    }
  }

  /** Whether take() has given everything, or its next call will. */
  get ended(): boolean {
    return this.#fd < 0
  }

  /** The first record with this letter in the buffer. */
  peek(letter: string): string | undefined {
    const mark = `\0${letter}`
    const before = `\0${this.#text}`
    const start = before.indexOf(mark)
    const end = before.indexOf('\0', start + 1)
    return start < 0 || end < 0 ? undefined : before.slice(start + mark.length, end)
  }

  /**
   * The records that are in the buffer; then, unless the file has ended, the next buffer is read.
   *
   * @throws the system's error, or Trouble for a file that is no envelope
   */
  take(): TodoRecord[] {
    const records: TodoRecord[] = []
    const text = this.#text
    let start = 0
    for (let end = text.indexOf('\0'); end >= 0; end = text.indexOf('\0', start)) {
      records.push([text.slice(start, Math.min(start + 1, end)), text.slice(start + 1, end)])
      start = end + 1
    }
    this.#text = text.slice(start)
    if (!this.ended) this.#read()
    return records
  }

  close(): void {
    if (this.#fd >= 0) closeSync(this.#fd)
    this.#fd = -1
  }

  #read(): void {
    if (this.#text.length > longestRecord) throw new Trouble('4.3.0', 'record is too long')
    const count = readSync(this.#fd, scratch, 0, bufferBytes, null)
    this.#text += scratch.toString('latin1', 0, count)
    if (count < bufferBytes) this.close()
  }
}
