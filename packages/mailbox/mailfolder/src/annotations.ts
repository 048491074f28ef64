/**
 * What a user notes of a mailbox, or of the whole account: values by the names of their entries (RFC 5464).
 *
 * Reads   a line each: the name, a blank, the value in base64; lines that are none are passed over
 * Writes  the same; the lock file becomes the new file
 * Synced  file and directory, before change() returns
 */
import { constants, readFileSync } from 'node:fs'
import { DotLock } from '@yabumi/dovecotfiles'
import { syncDirectory } from '@yabumi/files'
import { annotationEntries } from '@yabumi/limits'
import { errnoOf } from '@yabumi/trouble'
import { makeDirectory } from './place.ts'
import { Refusal } from './refusal.ts'

/** Values are byte strings; undefined removes an entry. */
export interface AnnotationChange {
  readonly name: string
  readonly value: string | undefined
}

export class Annotations {
  readonly #directory: string
  readonly #file: string

  /** @param directory - byte string; made where there is none when something is noted. @param name - of the file */
  constructor(directory: string, name: string) {
    this.#directory = directory
    this.#file = `${directory}/${name}`
  }

  /** All values by name, in the order in which they came. @throws the system's error */
  read(): ReadonlyMap<string, string> {
    return new Map(
      textOf(this.#file)
        .split('\n')
        .flatMap((line): [string, string][] => {
          const [, name, value] = /^([\x21-\x7e]+) ([A-Za-z0-9+/=]*)$/.exec(line) ?? []
          return name === undefined || value === undefined ? [] : [[name, Buffer.from(value, 'base64').toString('latin1')]]
        }),
    )
  }

  /** All changes or none. @throws Refusal METADATA TOOMANY; StillLocked; the system's error */
  async change(changes: readonly AnnotationChange[]): Promise<void> {
    if (makeDirectory(this.#directory, 0o700)) syncDirectory(`${this.#directory}/..`)
    const lock = await DotLock.take(this.#file)
    let content: string
    try {
      const values = new Map(this.read())
      const before = values.size
      for (const { name, value } of changes) {
        if (value === undefined) values.delete(name)
        else values.set(name, value)
      }
      if (values.size > Math.max(before, annotationEntries)) throw new Refusal('METADATA TOOMANY', 'There are too many entries already')
      content = [...values].map(([name, value]) => `${name} ${Buffer.from(value, 'latin1').toString('base64')}\n`).join('')
    } catch (error) {
      lock.release()
      throw error
    }
    lock.replace(Buffer.from(content), 0o600)
    syncDirectory(this.#directory)
  }
}

function textOf(file: string): string {
  try {
    return readFileSync(Buffer.from(file, 'latin1'), { encoding: 'latin1', flag: constants.O_RDONLY | constants.O_NOFOLLOW })
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return ''
    throw error
  }
}
