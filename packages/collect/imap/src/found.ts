/**
 * A message that a search looks at: its file is read only if the search gets so far.
 *
 * A program asks synchronously. What is not there yet ends it by a signal of ours; it is fetched, and the program runs
 * again.
 */
import type { OpenMessage, SearchMessage, SearchProgram } from '@yabumi/imapsearch'
import { pickFields } from '@yabumi/mimeparts'
import { keptFields, keptValues } from './keptfields.ts'
import type { MessageReader } from './messages.ts'
import type { Selected } from './selected.ts'

const none = Symbol('nothing is kept')

/** What has to be fetched before a program can go on. */
class Missing extends Error {
  readonly what: 'date' | 'saved' | 'size' | 'digest' | 'file'

  constructor(what: Missing['what']) {
    super()
    this.what = what
  }
}

export class Found implements SearchMessage {
  readonly number: number
  readonly uid: number
  readonly #reader: MessageReader
  readonly #selected: Selected
  #date: number | undefined
  #saved: number | undefined
  #size: number | undefined
  #file: OpenMessage | 'gone' | undefined
  /** Fields that are kept; `none` if they are not, and the file must be read. */
  #kept: string | typeof none | undefined
  readonly #fields = new Map<string, readonly string[]>()

  constructor(reader: MessageReader, selected: Selected, number: number) {
    this.#reader = reader
    this.#selected = selected
    this.number = number
    this.uid = selected.view.uidOf(number)
  }

  /** Whether a program finds it; undefined if something must be fetched first. */
  matchesNow(program: SearchProgram): boolean | undefined {
    return this.#now(() => program.matches(this))
  }

  /** The same, and what is missing is fetched. */
  isMatch(program: SearchProgram): Promise<boolean> {
    return this.#soon(() => program.matches(this))
  }

  /** Have what is compared: names of fields in upper case, and what SORT calls its keys. @returns undefined if something must be fetched first */
  loadNow(compared: readonly string[]): true | undefined {
    return this.#now(() => this.#see(compared))
  }

  /** The same, and what is missing is fetched. */
  load(compared: readonly string[]): Promise<true> {
    return this.#soon(() => this.#see(compared))
  }

  #see(compared: readonly string[]): true {
    void this.internalDate
    for (const name of compared) {
      if (name === 'SIZE') void this.sizeBytes
      else if (name !== 'ARRIVAL') this.fields(name.replace('DISPLAY', ''))
    }
    return true
  }

  #now<T>(work: () => T): T | undefined {
    try {
      return work()
    } catch (error) {
      if (!(error instanceof Missing)) throw error
      return undefined
    } finally {
      this.#letGo()
    }
  }

  async #soon<T>(work: () => T): Promise<T> {
    for (;;) {
      try {
        const result = work()
        this.#letGo()
        return result
      } catch (error) {
        if (!(error instanceof Missing)) throw error
        await this.#fetch(error.what)
      }
    }
  }

  hasFlag(flag: string): boolean {
    return ` ${this.#selected.flagsOf(this.uid)} `.toLowerCase().includes(` ${flag.toLowerCase()} `)
  }

  get internalDate(): number {
    this.#date ??= this.#selected.mailbox.known(this.uid, 'date')
    if (this.#date === undefined) throw new Missing('date')
    return this.#date
  }

  get saveDate(): number | undefined {
    if (this.#saved === undefined) throw new Missing('saved')
    return this.#saved
  }

  get sizeBytes(): number {
    this.#size ??= this.#selected.mailbox.known(this.uid, 'wireSize')
    if (this.#size === undefined) throw new Missing('size')
    return this.#size
  }

  get modseq(): number {
    return this.#selected.mailbox.state(this.uid)?.modseq ?? 0
  }

  get emailId(): string | undefined {
    return this.#selected.mailbox.emailId(this.uid)
  }

  get threadId(): string | undefined {
    return undefined
  }

  fields(name: string): readonly string[] {
    let values = this.#fields.get(name)
    if (values === undefined) {
      const kept = keptFields.has(name) ? this.#keptFields() : undefined
      values = kept === undefined ? this.#fieldsOfFile(name) : keptValues(kept, name)
      this.#fields.set(name, values)
    }
    return values
  }

  /** @returns undefined if nothing is kept */
  #keptFields(): string | undefined {
    this.#kept ??= this.#selected.mailbox.digest(this.uid)?.fields
    if (this.#kept === undefined) throw new Missing('digest')
    return this.#kept === none ? undefined : this.#kept
  }

  #fieldsOfFile(name: string): string[] {
    const open = this.open()
    return open === undefined ? [] : valuesIn(pickFields(open.read(open.root.header.start, open.root.header.end), [name], false))
  }

  #letGo(): void {
    this.#file = undefined
    this.#kept = undefined
  }

  open(): OpenMessage | undefined {
    if (this.#file === undefined) throw new Missing('file')
    return this.#file === 'gone' ? undefined : this.#file
  }

  async #fetch(what: Missing['what']): Promise<void> {
    const { mailbox } = this.#selected
    if (what === 'date') this.#date = (await mailbox.date(this.uid)) ?? 0
    else if (what === 'saved') this.#saved = (await mailbox.saveDate(this.uid)) ?? 0
    else if (what === 'size') this.#size = (await mailbox.wireSize(this.uid)) ?? 0
    else if (what === 'digest') this.#kept = (await this.#reader.digest(this.#selected, this.uid))?.fields ?? none
    else {
      const open = await this.#reader.open(this.#selected, this.uid)
      this.#file = open === undefined ? 'gone' : { root: open.root, read: (start, end) => open.bytes.subarray(start, end) }
    }
  }
}

/** Values of fields as they stand, without the line ends of folds. */
function valuesIn(fields: Buffer): string[] {
  const text = fields.toString('latin1').replaceAll(/\r?\n(?=[ \t])/g, '')
  return text
    .split(/\r?\n/)
    .filter((line) => line !== '')
    .map((line) => line.slice(line.indexOf(':') + 1).trim())
}
