/**
 * The directories of one mailbox, held open: they are these, whatever becomes of their paths.
 *
 * Trust  the Maildir that the caller names; below it no symbolic link is followed
 */
import { closeSync, constants, fstatSync, mkdirSync, openSync, type Stats } from 'node:fs'
import { errnoOf } from '@yabumi/trouble'

const directoryFlags = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW

/** A path for calls of node:fs, from a byte string. */
export function bytes(path: string): string | Buffer {
  return /^[\0-\x7f]*$/.test(path) ? path : Buffer.from(path, 'latin1')
}

/** A directory that is held open. */
export class Held {
  readonly fd: number
  /** Leads to it for as long as it is held. ASCII. */
  readonly path: string

  /** @param follow - whether the last name may be a link. @throws the system's error */
  constructor(path: string, follow = false) {
    this.fd = openSync(bytes(path), follow ? constants.O_RDONLY | constants.O_DIRECTORY : directoryFlags)
    this.path = `/proc/self/fd/${this.fd}`
  }

  status(): Stats {
    return fstatSync(this.fd)
  }

  /** The path of an entry, for calls of node:fs. */
  entry(name: string): string | Buffer {
    return bytes(`${this.path}/${name}`)
  }

  close(): void {
    closeSync(this.fd)
  }
}

/** A mailbox's own directory and its three parts. */
export class Place {
  readonly directory: Held
  readonly new: Held
  readonly cur: Held
  readonly tmp: Held
  /** Permissions of files that are made here: as those of the directory, without those to search it. */
  readonly fileMode: number

  /** @param path - of the mailbox, byte string. Parts that are missing are made. @throws the system's error */
  constructor(path: string, follow = false) {
    const held: Held[] = []
    const hold = (directory: string, mayFollow = false): Held => {
      const one = new Held(directory, mayFollow)
      held.push(one)
      return one
    }
    try {
      this.directory = hold(path, follow)
      const mode = this.directory.status().mode & 0o777
      this.fileMode = mode & 0o666
      const part = (name: string): Held => {
        const at = `${this.directory.path}/${name}`
        makeDirectory(at, mode)
        return hold(at)
      }
      this.cur = part('cur')
      this.new = part('new')
      this.tmp = part('tmp')
    } catch (error) {
      for (const one of held) one.close()
      throw error
    }
  }

  /** Whether the mailbox has been removed. */
  isGone(): boolean {
    return this.directory.status().nlink === 0
  }

  close(): void {
    for (const held of [this.directory, this.new, this.cur, this.tmp]) held.close()
  }
}

/** Make a directory unless something has its name. @returns whether it was made */
export function makeDirectory(path: string, mode: number): boolean {
  try {
    mkdirSync(bytes(path), mode)
    return true
  } catch (error) {
    if (errnoOf(error) === 'EEXIST') return false
    throw error
  }
}
