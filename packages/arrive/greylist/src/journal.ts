/**
 * The table on the disk. A line is `w KEY NETWORK SECONDS` for who has been put off, and the same with `p` for who has
 * passed. The last line of a key counts.
 *
 * Writes  a line for each change, at the end; at the start, and when most lines count no more, all of it anew
 * Crash   loses nothing but a last line that is torn, which is passed over
 * Owner   the resident smtpd of the account smtp alone
 */
import { closeSync, mkdirSync, openSync, readFileSync, writeSync } from 'node:fs'
import { replaceFile } from '@yabumi/files'
import { errnoOf } from '@yabumi/trouble'
import { Entries, type Entry } from './entries.ts'

/** Lines beyond twice the table after which it is written anew. */
const spareLines = 10_000
const line = /^([wp]) ([A-Za-z0-9_-]{16}) ([0-9a-f.:/]{3,49}) ([0-9]{1,12})$/

export class Journal {
  readonly #directory: string
  readonly #path: string
  #file: number | undefined
  #lines = 0

  constructor(directory: string) {
    this.#directory = directory
    this.#path = `${directory}/greylist`
  }

  /** Read the table, and write it anew. @param now - seconds of Unix time. @throws an error of node:fs */
  load(now: number): Entries {
    const entries = new Entries()
    for (const text of this.#read().split('\n')) {
      const [, letter, key, network, seconds] = line.exec(text) ?? []
      if (key !== undefined && network !== undefined) entries.put(key, { network, passed: letter === 'p', seconds: Number(seconds) })
    }
    entries.sweep(now)
    this.#rewrite(entries)
    return entries
  }

  /** @throws an error of node:fs */
  append(key: string, entry: Entry, entries: Entries): void {
    if (this.#lines > 2 * entries.size + spareLines) this.#rewrite(entries)
    else {
      this.#file ??= openSync(this.#path, 'a', 0o600)
      writeSync(this.#file, lineOf(key, entry), null, 'latin1')
      this.#lines += 1
    }
  }

  #read(): string {
    try {
      return readFileSync(this.#path, 'latin1')
    } catch (error) {
      if (errnoOf(error) === 'ENOENT') return ''
      throw error
    }
  }

  #rewrite(entries: Entries): void {
    mkdirSync(this.#directory, { recursive: true, mode: 0o700 })
    const lines = [...entries.all()].map(([key, entry]) => lineOf(key, entry))
    replaceFile(this.#path, Buffer.from(lines.join(''), 'latin1'))
    if (this.#file !== undefined) closeSync(this.#file)
    this.#file = undefined
    this.#lines = lines.length
  }
}

function lineOf(key: string, { network, passed, seconds }: Entry): string {
  return `${passed ? 'p' : 'w'} ${key} ${network} ${seconds}\n`
}
