/**
 * The file beside an mbox that holds, while messages are removed from it, what its end will be.
 *
 * Two names, two states. `.NAME.yabumi-copy` says that the mbox may be half rewritten. `.NAME.yabumi-cut` says that it
 * is rewritten and marked, and at most too long. The first line has three decimal numbers; after it come the bytes.
 */
import { closeSync, constants, fstatSync, fsyncSync, openSync, readSync, renameSync, unlinkSync, writeSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { syncDirectory } from '@yabumi/files'
import { errnoOf } from '@yabumi/trouble'

/** The bytes [from, to) of an open file. */
export interface Range {
  readonly fd: number
  readonly from: number
  readonly to: number
}

export interface Plan {
  /** What is before this offset stays as it is. */
  readonly head: number
  /** The length of the mbox when all is done. */
  readonly newSize: number
  /** Its length when the plan was made: what is there behind it has been delivered since. */
  readonly oldSize: number
}

export type State = 'copy' | 'cut'

/** Copy bytes from one open file to another, in pieces. */
export function copyRange({ fd, from, to }: Range, target: number, position: number): void {
  const piece = Buffer.allocUnsafe(Math.min(262_144, to - from))
  for (let at = from; at < to; ) {
    const length = readSync(fd, piece, 0, Math.min(piece.length, to - at), at)
    if (length === 0) throw new Error('the file has become shorter')
    for (let done = 0; done < length; ) done += writeSync(target, piece, done, length - done, position + at - from + done)
    at += length
  }
}

export class Journal {
  readonly #directory: string
  readonly #path: string

  /** @param mbox - the path of the mbox, a byte string */
  constructor(mbox: string) {
    this.#directory = dirname(mbox)
    this.#path = join(this.#directory, `.${basename(mbox)}.yabumi-`)
  }

  #file(suffix: State | 'new'): Buffer {
    return Buffer.from(this.#path + suffix, 'latin1')
  }

  /** Write a plan and the bytes that belong behind its head, as one with state `copy`; it replaces an earlier one. */
  write(plan: Plan, tail: readonly Range[]): void {
    const fresh = this.#file('new')
    remove(fresh)
    const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW } = constants
    const fd = openSync(fresh, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600)
    try {
      let length = writeSync(fd, `${plan.head} ${plan.newSize} ${plan.oldSize}\n`)
      for (const range of tail) {
        copyRange(range, fd, length)
        length += range.to - range.from
      }
      fsyncSync(fd)
    } catch (error) {
      remove(fresh)
      throw error
    } finally {
      closeSync(fd)
    }
    renameSync(fresh, this.#file('copy'))
    this.#syncDirectory()
  }

  /** Remove what write() left when it was interrupted. */
  removeUnfinished(): void {
    remove(this.#file('new'))
  }

  /** Go from state `copy` to state `cut`. */
  advance(): void {
    renameSync(this.#file('copy'), this.#file('cut'))
    this.#syncDirectory()
  }

  remove(state: State): void {
    remove(this.#file(state))
    this.#syncDirectory()
  }

  /** The plan of a state, with the bytes that belong behind its head; undefined if there is none. The caller closes it. */
  open(state: State): { readonly plan: Plan; readonly tail: Range } | undefined {
    let fd: number
    try {
      fd = openSync(this.#file(state), constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
    } catch (error) {
      if (errnoOf(error) === 'ENOENT') return undefined
      throw error
    }
    try {
      const { size, uid } = fstatSync(fd)
      if (uid !== process.geteuid?.()) throw new Error(`${this.#path}${state} belongs to somebody else`)
      const line = Buffer.alloc(64)
      const numbers = /^(\d+) (\d+) (\d+)\n/.exec(line.toString('latin1', 0, readSync(fd, line, 0, line.length, 0)))
      if (numbers === null) throw new Error(`${this.#path}${state} is damaged`)
      const [head, newSize, oldSize] = numbers.slice(1).map(Number) as [number, number, number]
      return { plan: { head, newSize, oldSize }, tail: { fd, from: numbers[0].length, to: size } }
    } catch (error) {
      closeSync(fd)
      throw error
    }
  }

  #syncDirectory(): void {
    syncDirectory(Buffer.from(this.#directory, 'latin1'))
  }
}

function remove(path: Buffer): void {
  try {
    unlinkSync(path)
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw error
  }
}
