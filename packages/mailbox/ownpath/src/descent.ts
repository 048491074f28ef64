/**
 * A path is followed name by name, and no other account can turn it elsewhere.
 *
 * Trust   the links of this account and of root, and the names in directories that only they may change. What has
 *         another name is opened before it is believed
 */
import { closeSync, constants, fstatSync, lstatSync, openSync, readlinkSync, type Stats } from 'node:fs'
import { targetOf } from '@yabumi/posix'
import { ForeignLink, isOurs, LeavesHome, refuseForeign } from './owner.ts'

/**
 * How a way is gone: by `names` where nobody but this account and root may change the working directory, else by `descriptors`. A way that
 * is `confined` is gone by descriptors too, follows no link, and does not leave the working directory.
 */
export type Manner = 'names' | 'descriptors' | 'confined'

/** What a way has come to. It need not be a directory: the next step would say so. */
export interface Directory {
  /** For calls of node:fs, until the descent is closed. Byte string. */
  readonly path: string
  /** As the user wrote it. */
  readonly name: string
  /** Whether nobody but this account and root can give its names to other files. */
  readonly keepsNames: boolean
  /** Undefined for where a way begins. */
  readonly status: Stats | undefined
}

/** A file's directory and its name there. */
export interface FilePlace {
  readonly directory: Directory
  readonly last: string
  /** As the user wrote it. */
  readonly name: string
}

const openPath = 0o10_000_000 // O_PATH: to look at a file, not to read it
const othersWrite = 0o022
const mostLinks = 40 // as many as the system follows
const root: Directory = { path: '', name: '', keepsNames: true, status: undefined }

/** A way down from the working directory or the root, and the descriptors that hold it. Close it when what lies there is done with. */
export class Descent {
  readonly #start: Directory
  readonly #isConfined: boolean
  readonly #own = process.geteuid?.()
  readonly #fds: number[] = []
  #links = 0

  constructor(manner: Manner) {
    this.#isConfined = manner === 'confined'
    this.#start = { path: '.', name: '.', keepsNames: manner === 'names', status: undefined }
  }

  /**
   * Where a path leads.
   *
   * @param path - byte string; relative to the working directory if it does not begin with a slash
   * @throws ForeignLink, LeavesHome; the system's error if there is no such file
   */
  to(path: string): Directory {
    return this.#walk(this.#start, path, path)
  }

  /** The directory of a path's last name, and that name, which nobody has looked at. */
  toFile(path: string): FilePlace {
    return this.#parent(this.#start, path, path)
  }

  /** Where the link leads that has this name. The same place if it is none any more. @throws ForeignLink */
  follow(place: FilePlace): FilePlace {
    const { status, target } = this.#look(place.directory, place.last)
    if (!status.isSymbolicLink()) return place
    this.#count(status, place.name)
    return this.#parent(place.directory, target(), place.name)
  }

  /** One name further. @throws NotOurs if what has it is neither this account's nor root's */
  part(directory: Directory, name: string): Directory {
    const part = this.#enter(directory, name, directory.name.endsWith('/') ? directory.name + name : `${directory.name}/${name}`)
    this.refuseForeign(part)
    return part
  }

  /** @throws NotOurs */
  refuseForeign({ name, status }: Directory): void {
    if (status !== undefined) refuseForeign(name, status, this.#own)
  }

  close(): void {
    for (const fd of this.#fds.splice(0)) closeSync(fd)
  }

  #parent(from: Directory, path: string, name: string): FilePlace {
    const slash = path.lastIndexOf('/')
    return { directory: this.#walk(from, path.slice(0, slash + 1), name), last: path.slice(slash + 1), name }
  }

  #walk(from: Directory, path: string, name: string): Directory {
    if (this.#isConfined && (path.startsWith('/') || path.split('/').includes('..'))) throw new LeavesHome(name)
    let at = path.startsWith('/') ? root : from
    for (const part of path.split('/')) if (part !== '' && part !== '.') at = this.#enter(at, part, name)
    return at
  }

  #enter(at: Directory, part: string, name: string): Directory {
    const { path, status, target } = this.#look(at, part)
    if (!status.isSymbolicLink()) return { path, name, keepsNames: this.#keepsNames(status), status }
    this.#count(status, name)
    return this.#walk(at, target(), name)
  }

  /** What has this name, and a path to it that stays true. */
  #look(at: Directory, part: string): { path: string; status: Stats; target: () => string } {
    const path = `${at.path}/${part}`
    if (at.keepsNames) return { path, status: lstatSync(bytes(path)), target: () => readlinkSync(bytes(path), 'latin1') }
    const fd = openSync(bytes(path), openPath | constants.O_NOFOLLOW)
    this.#fds.push(fd)
    return { path: `/proc/self/fd/${fd}`, status: fstatSync(fd), target: () => targetOf(fd) }
  }

  #count(link: Stats, name: string): void {
    if (this.#isConfined) throw new LeavesHome(name)
    if (!isOurs(link, this.#own)) throw new ForeignLink(name, link.uid)
    this.#links += 1
    if (this.#links > mostLinks) throw Object.assign(new Error('ELOOP'), { code: 'ELOOP' })
  }

  #keepsNames(status: Stats): boolean {
    return !this.#isConfined && (status.mode & othersWrite) === 0 && isOurs(status, this.#own)
  }
}

/** Node takes names in UTF-8 only, or as bytes. */
function bytes(path: string): string | Buffer {
  return /^[\0-\x7f]*$/.test(path) ? path : Buffer.from(path, 'latin1')
}
