/**
 * dovecot-keywords of one mailbox: which keyword each letter a to z in a file name stands for.
 *
 * Reads    lines `<n> <name>`, n 0 to 25; other lines, and what comes twice, are passed over. A name that no client
 *          could be told is none: it must be an atom (RFC 9051 §9)
 * Writes   under the dotlock of the uidlist, which the caller holds, and its own; the lock file becomes the new file
 * Synced   before add() returns
 */
import { constants, lstatSync, readFileSync, type Stats } from 'node:fs'
import { keywordBytes, keywordsFileBytes } from '@yabumi/limits'
import { errnoOf } from '@yabumi/trouble'
import { DotLock } from './dotlock.ts'

/** Letters that there are. */
export const keywordLetters = 26

export class Keywords {
  readonly #path: string
  readonly #mode: number
  #names: (string | undefined)[] = []
  #status: Stats | undefined
  /** Grows whenever the names are read anew. */
  version = 0

  /**
   * @param directory - of the mailbox, a byte string without a slash at its end
   * @param mode - permissions of files that are made
   */
  constructor(directory: string, mode: number) {
    this.#path = `${directory}/dovecot-keywords`
    this.#mode = mode
  }

  /** By letter: a is 0. Holes are letters without a name. */
  get names(): readonly (string | undefined)[] {
    return this.#names
  }

  /** Read what others have written. @returns whether anything is new. @throws the system's error */
  refresh(): boolean {
    const status = lstatSync(this.#path, { throwIfNoEntry: false })
    const before = this.#status
    if (status === undefined && before === undefined) return false
    if (status !== undefined && before !== undefined && sameFile(status, before)) return false
    this.#status = status
    this.version += 1
    this.#names = status === undefined || status.size > keywordsFileBytes ? [] : parseKeywords(readText(this.#path))
    return true
  }

  /**
   * Give names their letters, as far as there are some left. The lock of the uidlist is held.
   *
   * @param wanted - names; those that are there in another spelling stay as they are
   * @param lettersInUse - letters that files carry: they are not given to another name
   * @throws StillLocked; the system's error
   */
  async add(wanted: readonly string[], lettersInUse: number): Promise<void> {
    this.refresh()
    if (wanted.every((name) => this.letterOf(name) !== -1)) return
    const lock = await DotLock.take(this.#path)
    this.refresh()
    const names = [...this.#names]
    for (let letter = 0; letter < keywordLetters; letter += 1) {
      if (names[letter] === undefined && (lettersInUse & (1 << letter)) !== 0) names[letter] = `unknown-${letter}`
    }
    for (const name of wanted) {
      if (indexOf(names, name) !== -1) continue
      const free = Array.from({ length: keywordLetters }, (_, letter) => letter).find((letter) => names[letter] === undefined)
      if (free !== undefined) names[free] = name
    }
    const lines = names.map((name, letter) => (name === undefined ? '' : `${letter} ${name}\n`))
    const notBefore = this.#status === undefined ? 0 : Math.floor(this.#status.mtimeMs / 1000) + 1
    lock.replace(Buffer.from(lines.join(''), 'latin1'), this.#mode, notBefore)
    this.refresh()
  }

  /** The letter of a keyword, whatever its case: 0 is a; -1 if it has none. */
  letterOf(name: string): number {
    return indexOf(this.#names, name)
  }
}

/** Names by letter, from the bytes of the file. */
export function parseKeywords(text: string): (string | undefined)[] {
  const names: (string | undefined)[] = []
  for (const line of text.split('\n')) {
    const [, digits, name] = /^([0-9]{1,2}) ([!#$&'+-[^-z|}~]+)$/.exec(line) ?? []
    const letter = Number(digits)
    if (name === undefined || name.length > keywordBytes || letter >= keywordLetters) continue
    if (names[letter] === undefined && indexOf(names, name) === -1) names[letter] = name
  }
  return names
}

function indexOf(names: readonly (string | undefined)[], name: string): number {
  const lower = name.toLowerCase()
  return names.findIndex((each) => each?.toLowerCase() === lower)
}

function sameFile(a: Stats, b: Stats): boolean {
  return a.ino === b.ino && a.dev === b.dev && a.mtimeMs === b.mtimeMs && a.size === b.size
}

function readText(path: string): string {
  try {
    return readFileSync(path, { encoding: 'latin1', flag: constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK })
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return ''
    throw error
  }
}
