/**
 * Find the messages of an mbox: each begins with a line `From ...`, at the start of the file or after an empty line.
 *
 * The file is read once, in pieces; what is kept is a few numbers and a digest a message. `>From` lines stay as stored.
 */
import { createHash, type Hash } from 'node:crypto'
import { readSync } from 'node:fs'

/** Where a message lies; all offsets in bytes. */
export interface MboxMessage {
  /** The start of its `From ` line. */
  readonly start: number
  /** The start of the message proper, behind that line. */
  readonly content: number
  /** The end of the message proper; the empty line behind it belongs to the format. */
  readonly end: number
  /** The start of the next one, or the end of the file. */
  readonly next: number
  /** The same as long as its bytes are the same, wherever it lies; unique in the file. 32 or more printable characters. */
  readonly uid: string
}

/** The file is something else than an mbox. */
export class NotMbox extends Error {}

const separator = Buffer.from('\n\nFrom ')
const LF = 10
const windowBytes = 262_144

/**
 * Find the messages in the first `size` bytes of a file.
 *
 * @throws NotMbox if it does not begin with a `From ` line, empty lines aside
 */
export function scanMbox(fd: number, size: number): MboxMessage[] {
  return new Scan(fd, size).messages()
}

/** The digest of some bytes of a file, as in the uid of the message that they are. */
export function digestOf(fd: number, start: number, end: number): string {
  const hash = createHash('sha256')
  const window = Buffer.allocUnsafe(Math.min(windowBytes, end - start))
  for (let at = start; at < end; ) {
    const length = readSync(fd, window, 0, Math.min(window.length, end - at), at)
    if (length === 0) break
    hash.update(window.subarray(0, length))
    at += length
  }
  return uidOf(hash)
}

function uidOf(hash: Hash): string {
  return hash.digest('hex').slice(0, 32)
}

class Scan {
  readonly #fd: number
  readonly #size: number
  readonly #found: MboxMessage[] = []
  readonly #copies = new Map<string, number>()
  readonly #window = Buffer.allocUnsafe(windowBytes)
  /** The window holds the file's bytes from #base on; those before #used are done with. */
  #base = 0
  #filled = 0
  #used = 0
  #start = 0
  #content: number | undefined
  #hash = createHash('sha256')

  constructor(fd: number, size: number) {
    this.#fd = fd
    this.#size = size
  }

  messages(): MboxMessage[] {
    this.#fill()
    if (!this.#findFirst()) return []
    do {
      this.#splitWindow()
    } while (this.#fill())
    this.#endFile()
    return this.#found
  }

  /** @returns whether there is a message at all */
  #findFirst(): boolean {
    const bytes = this.#window.subarray(0, this.#filled)
    const first = bytes.findIndex((byte) => byte !== LF)
    if (first < 0) return false
    if (!bytes.subarray(first).toString('latin1', 0, 5).startsWith('From ')) throw new NotMbox('does not begin with a From line')
    this.#begin(first)
    return true
  }

  #begin(index: number): void {
    this.#used = index
    this.#start = this.#base + index
    this.#content = undefined
    this.#hash = createHash('sha256')
  }

  /** End messages wherever a separator is in the window; of the rest keep as much as may be half a separator. */
  #splitWindow(): void {
    for (;;) {
      const at = this.#window.subarray(0, this.#filled).indexOf(separator, this.#used)
      if (at < 0) break
      this.#use(at + 1)
      this.#end(at + 2)
      this.#begin(at + 2)
    }
    this.#use(this.#filled - separator.length + 1)
  }

  /** The bytes before this index belong to the present message. */
  #use(index: number): void {
    if (index <= this.#used) return
    const bytes = this.#window.subarray(this.#used, index)
    if (this.#content === undefined) {
      const lineEnd = bytes.indexOf(LF)
      if (lineEnd >= 0) this.#content = this.#base + this.#used + lineEnd + 1
    }
    this.#hash.update(bytes)
    this.#used = index
  }

  #end(next: number): void {
    const digest = uidOf(this.#hash)
    const copy = (this.#copies.get(digest) ?? 0) + 1
    this.#copies.set(digest, copy)
    const end = this.#base + this.#used
    const uid = copy === 1 ? digest : `${digest}-${copy}`
    this.#found.push({ start: this.#start, content: this.#content ?? end, end, next: this.#base + next, uid })
  }

  #endFile(): void {
    const bytes = this.#window.subarray(0, this.#filled)
    const endsEmpty = bytes.subarray(-2).toString('latin1') === '\n\n'
    this.#use(endsEmpty ? this.#filled - 1 : this.#filled)
    this.#end(this.#filled)
  }

  /** Read more behind what is kept. @returns false at the end of the file */
  #fill(): boolean {
    this.#window.copyWithin(0, this.#used, this.#filled)
    this.#base += this.#used
    this.#filled -= this.#used
    this.#used = 0
    const wanted = Math.min(this.#window.length - this.#filled, this.#size - this.#base - this.#filled)
    const length = wanted <= 0 ? 0 : readSync(this.#fd, this.#window, this.#filled, wanted, this.#base + this.#filled)
    this.#filled += length
    return length > 0
  }
}
