/**
 * The counter of changes of one mailbox (RFC 7162 §3.1). It never goes back, whatever ends the process.
 *
 * Writes   `modseq`, the first number that nobody has: a block is taken by one write ahead
 * Synced   that write, before a number of its block is used
 * Crash    the rest of the block is never used
 */
import { closeSync, fdatasyncSync, fstatSync, lstatSync, openSync, readFileSync, renameSync, type Stats } from 'node:fs'
import { nowSeconds } from '@yabumi/dates'
import { removeQuietly, syncDirectory, writeAll } from '@yabumi/files'
import { modseqBlock } from '@yabumi/limits'

export class Modseq {
  readonly #directory: string
  readonly #path: string
  #last: number
  /** The first number beyond the block; 0 if there is none yet. */
  #bound = 0
  /** The file as we have written it. */
  #own: Stats | undefined

  /**
   * @param directory - where the file lies, a byte string
   * @param atLeast - what is known from elsewhere to have been used
   * @param isFresh - the mailbox has no UIDVALIDITY yet, so that nobody can have been told a number
   */
  constructor(directory: string, atLeast: number, isFresh = false) {
    this.#directory = directory
    this.#path = `${directory}/modseq`
    const written = this.#written()
    this.#last = Math.max(1, (written ?? (isFresh ? 2 : Math.max(nowSeconds(), atLeast + modseqBlock))) - 1)
    if (written === undefined) this.#reserve() // what is told of an empty mailbox must not come again
  }

  /** The highest number that was used. */
  get last(): number {
    return this.#last
  }

  /** The number of a change that is made now. @throws the system's error: then no change may be made */
  next(): number {
    if (this.#last + 1 >= this.#bound || !this.#isStillOurs()) this.#reserve()
    this.#last += 1
    return this.#last
  }

  /** At a clean end: give back the rest of the block, if nobody has taken the one behind it. */
  giveBack(): void {
    try {
      if (this.#bound !== 0 && this.#written() === this.#bound) this.#write(this.#last + 1)
    } catch {
      // the rest of the block is never used
    }
    this.#bound = 0
  }

  #reserve(): void {
    const last = Math.max(this.#last, (this.#written() ?? 0) - 1)
    this.#write(last + 1 + modseqBlock)
    this.#last = last
    this.#bound = last + 1 + modseqBlock
  }

  /** Whether nobody has written the file since we did. */
  #isStillOurs(): boolean {
    const [now, own] = [lstatSync(this.#path, { throwIfNoEntry: false }), this.#own]
    return now !== undefined && now.ino === own?.ino && now.mtimeMs === own.mtimeMs && now.size === own.size
  }

  #written(): number | undefined {
    try {
      const text = readFileSync(this.#path, 'latin1')
      return /^[0-9]{1,15}\n$/.test(text) ? Number(text) : undefined
    } catch {
      return undefined
    }
  }

  #write(bound: number): void {
    const temporary = `${this.#path}.${process.pid}`
    try {
      const fd = openSync(temporary, 'w', 0o600)
      try {
        writeAll(fd, Buffer.from(`${bound}\n`))
        fdatasyncSync(fd)
        this.#own = fstatSync(fd)
      } finally {
        closeSync(fd)
      }
      renameSync(temporary, this.#path)
      syncDirectory(this.#directory)
    } catch (error) {
      removeQuietly(temporary)
      throw error
    }
  }
}
