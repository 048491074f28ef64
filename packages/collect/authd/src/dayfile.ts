/**
 * Names, and the day on which each was last there: a file with a line `DAY NAME` each.
 *
 * Synced  a minute after a change, and at the end
 * Crash   loses that minute
 */
import { readFileSync } from 'node:fs'
import { replaceFile } from '@yabumi/files'
import { knownClientsSaveSeconds } from '@yabumi/limits'
import { errnoOf } from '@yabumi/trouble'

const dayMilliseconds = 86_400_000

export interface DayFileOptions {
  /** What a name must look like. */
  readonly shape: RegExp
  /** How many are kept, and for how many days. */
  readonly most: number
  readonly days: number
  /** Told of each name that is new, or is gone. */
  readonly added?: (name: string) => void
  readonly removed?: (name: string) => void
  /** Told why the file could not be read or written; it is done without, then. */
  readonly trouble: (error: unknown) => void
}

export class DayFile {
  readonly #path: string
  readonly #options: DayFileOptions
  /** The one that was there longest ago first. */
  readonly #days = new Map<string, number>()
  #saving: NodeJS.Timeout | undefined

  constructor(path: string, options: DayFileOptions) {
    this.#path = path
    this.#options = options
    this.#read()
  }

  /** @returns undefined if it was not there for long */
  dayOf(name: string): number | undefined {
    return this.#days.get(name)
  }

  set(name: string, day: number): void {
    if (this.#days.get(name) === day) return
    this.#remove(name)
    this.#insert(name, day)
    for (const [oldest, of] of this.#days) {
      if (this.#days.size <= this.#options.most && of > today() - this.#options.days) break
      this.#remove(oldest)
    }
    this.#saving ??= setTimeout(() => this.save(), 1000 * knownClientsSaveSeconds).unref()
  }

  /** Write the file, if anything has changed. */
  save(): void {
    if (this.#saving === undefined) return
    clearTimeout(this.#saving)
    this.#saving = undefined
    try {
      replaceFile(this.#path, Buffer.from([...this.#days].map(([name, day]) => `${day} ${name}\n`).join(''), 'latin1'))
    } catch (error) {
      this.#options.trouble(error)
    }
  }

  #read(): void {
    const { shape, days, most, trouble } = this.#options
    try {
      for (const line of readFileSync(this.#path, 'latin1').split('\n')) {
        const [, day, name] = /^([0-9]{1,6}) (.+)$/.exec(line) ?? []
        if (name === undefined || !shape.test(name) || Number(day) <= today() - days) continue
        if (this.#days.size < most) this.#insert(name, Number(day))
      }
    } catch (error) {
      if (errnoOf(error) !== 'ENOENT') trouble(error)
    }
  }

  #insert(name: string, day: number): void {
    this.#days.set(name, day)
    this.#options.added?.(name)
  }

  #remove(name: string): void {
    if (this.#days.delete(name)) this.#options.removed?.(name)
  }
}

export function today(): number {
  return Math.floor(Date.now() / dayMilliseconds)
}
