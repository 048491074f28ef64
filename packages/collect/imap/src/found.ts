/**
 * A message that a search looks at: its file is read only if the search gets so far.
 *
 * A program asks synchronously. What is not there yet ends it by a signal of ours; it is fetched, and the program runs
 * again.
 */
import type { OpenMessage, SearchMessage, SearchProgram } from '@yabumi/imapsearch'
import { pickFields } from '@yabumi/mimeparts'
import type { MessageReader } from './messages.ts'
import type { Selected } from './selected.ts'

/** Fields that SORT and THREAD compare. */
const compared = ['CC', 'DATE', 'FROM', 'IN-REPLY-TO', 'MESSAGE-ID', 'REFERENCES', 'SUBJECT', 'TO']

/** What has to be fetched before a program can go on. */
class Missing extends Error {
  readonly what: 'date' | 'saved' | 'size' | 'file'

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
  readonly #fields = new Map<string, readonly string[]>()

  constructor(reader: MessageReader, selected: Selected, number: number) {
    this.#reader = reader
    this.#selected = selected
    this.number = number
    this.uid = selected.view.uidOf(number)
  }

  /** Whether a program finds it. */
  async isMatch(program: SearchProgram): Promise<boolean> {
    for (;;) {
      try {
        const isFound = program.matches(this)
        this.#file = undefined
        return isFound
      } catch (error) {
        if (!(error instanceof Missing)) throw error
        await this.#fetch(error.what)
      }
    }
  }

  /** Fetch what SORT and THREAD compare, and let go of the file. */
  async loadCompared(): Promise<void> {
    await this.#fetch('date')
    await this.#fetch('size')
    await this.#fetch('file')
    for (const name of compared) this.fields(name)
    this.#file = undefined
  }

  hasFlag(flag: string): boolean {
    return ` ${this.#selected.flagsOf(this.uid)} `.toLowerCase().includes(` ${flag.toLowerCase()} `)
  }

  get internalDate(): number {
    if (this.#date === undefined) throw new Missing('date')
    return this.#date
  }

  get saveDate(): number | undefined {
    if (this.#saved === undefined) throw new Missing('saved')
    return this.#saved
  }

  get sizeBytes(): number {
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
      const open = this.open()
      values = open === undefined ? [] : valuesIn(pickFields(open.read(open.root.header.start, open.root.header.end), [name], false))
      this.#fields.set(name, values)
    }
    return values
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
