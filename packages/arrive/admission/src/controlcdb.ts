/**
 * A list of many entries: a cdb under control/.
 *
 * It is opened for each question: it may be replaced any time, and most questions never come to it.
 */
import { CdbFile } from '@yabumi/cdbfile'
import { errnoOf, errorText, Trouble } from '@yabumi/trouble'

/** The cdb of one name. Where there is no such file, it has no entry. */
export class ControlCdb {
  readonly #path: string

  constructor(name: string) {
    this.#path = `control/${name}`
  }

  /** Whether there is such a file. @throws Trouble 4.3.0 if it cannot be opened */
  exists(): boolean {
    const reader = this.#open()
    reader?.close()
    return reader !== undefined
  }

  /**
   * What stands under the first of these keys that the file has.
   *
   * @param keys - byte strings, in the case that the file has
   * @returns a byte string; undefined if it has none of them, or there is no file
   * @throws Trouble 4.3.0 if it cannot be read
   */
  find(keys: Iterable<string>): string | undefined {
    return this.findRecord(keys)?.data
  }

  /** The same, with the key that it stands under. */
  findRecord(keys: Iterable<string>): { readonly key: string; readonly data: string } | undefined {
    const reader = this.#open()
    if (reader === undefined) return undefined
    try {
      for (const key of keys) {
        const data = reader.find(Buffer.from(key, 'latin1'))
        if (data !== undefined) return { key, data: data.toString('latin1') }
      }
      return undefined
    } catch (cause) {
      throw this.#trouble(cause)
    } finally {
      reader.close()
    }
  }

  #open(): CdbFile | undefined {
    try {
      return new CdbFile(this.#path)
    } catch (cause) {
      if (errnoOf(cause) === 'ENOENT') return undefined
      throw this.#trouble(cause)
    }
  }

  #trouble(cause: unknown): Trouble {
    return new Trouble('4.3.0', `unable to read ${this.#path}: ${errorText(cause)}`, { cause })
  }
}
