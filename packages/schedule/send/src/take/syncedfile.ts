/**
 * A file under queue/ that is written once, from start to end, and synced before anybody relies on it.
 */
import { closeSync, fsync } from 'node:fs'
import { createAnew, exists, remove, writeWhole } from '../keep/queuefile.ts'

const bufferBytes = 65_536

export class SyncedFile {
  /** Relative to queue/. */
  readonly path: string
  /** Whether there is a file. */
  created = false
  /** All that is in the file, unless it is more than a buffer; known after finish(). */
  content: Buffer | undefined
  #fd = -1
  #waiting = ''
  #flushed = false

  constructor(path: string) {
    this.path = path
  }

  /** Descriptor; -1 if not open. */
  get fd(): number {
    return this.#fd
  }

  /** @throws Trouble, as write() and finish() do */
  create(): void {
    this.#fd = createAnew(this.path)
    this.created = true
  }

  /** Add bytes; the first ones create the file. */
  write(bytes: string): void {
    if (!this.created) this.create()
    this.#waiting += bytes
    if (this.#waiting.length > bufferBytes) this.#flush()
  }

  /** Nothing more will be written. One that got nothing must not exist: an earlier attempt may have left it. */
  finish(): void {
    if (!this.created) {
      if (exists(this.path)) remove(this.path)
      return
    }
    const first = !this.#flushed
    const bytes = this.#flush()
    if (first) this.content = bytes
  }

  close(): void {
    if (this.#fd >= 0) closeSync(this.#fd)
    this.#fd = -1
  }

  #flush(): Buffer {
    const bytes = Buffer.from(this.#waiting, 'latin1')
    this.#waiting = ''
    this.#flushed = true
    writeWhole(this.path, this.#fd, bytes)
    return bytes
  }
}

/**
 * Sync the files that are open, all at the same time.
 *
 * @param done - called once, with a file that could not be synced or undefined
 */
export function syncAll(files: readonly SyncedFile[], done: (failed: SyncedFile | undefined) => void): void {
  const open = files.filter((file) => file.fd >= 0)
  let left = open.length
  let failed: SyncedFile | undefined
  for (const file of open) {
    fsync(file.fd, (error) => {
      if (error !== null) failed ??= file
      left -= 1
      if (left === 0) done(failed)
    })
  }
}
