/**
 * Answers of FETCH, a message at a time: words in the order asked, literals of bytes that were counted first.
 *
 * A message that is gone has NIL for what only its file could tell.
 */
import {
  type FetchItem,
  literalHead,
  type PreviewItem,
  RefusedCommand,
  type Section,
  writeInternalDate,
  writeString,
} from '@yabumi/imapwire'
import { binarySize, readBinary, writeBodyStructure, writeEnvelope } from '@yabumi/mimeparts'
import { type Known, knownOf, wantsDigest } from './known.ts'
import type { OpenMessage } from './messages.ts'
import { fetchHead } from './news.ts'
import { cut, sectionBytes } from './sections.ts'
import type { Selected } from './selected.ts'
import type { Session } from './session.ts'

/** A word of an answer, or a literal. */
type Word = string | Buffer

const whole: Section = { part: [], text: '', fields: [] }
const header: Section = { part: [], text: 'HEADER', fields: [] }
const text: Section = { part: [], text: 'TEXT', fields: [] }

/** What a message that is gone can have. */
const withoutFile = new Set(['UID', 'FLAGS', 'MODSEQ'])

export class FetchAnswer {
  /** Some message is gone, so that something is NIL. */
  hasGone = false
  /** Why some item of BINARY could not be told. */
  trouble: RefusedCommand | undefined
  readonly #session: Session
  readonly #selected: Selected
  readonly #seen: ReadonlySet<number>
  readonly #items: readonly FetchItem[]
  readonly #known: readonly Known[]
  readonly #needsFile: boolean
  readonly #wantsDigest: boolean
  readonly #hasFlags: boolean

  /** @param seen - UIDs whose flags are told besides, because they are \Seen now */
  constructor(session: Session, selected: Selected, items: readonly FetchItem[], seen: ReadonlySet<number>) {
    this.#session = session
    this.#selected = selected
    this.#seen = seen
    this.#items = items
    this.#known = items.map((item) => knownOf(selected, item))
    this.#needsFile = items.some(needsFile)
    this.#wantsDigest = items.some(wantsDigest)
    this.#hasFlags = items.some((item) => item.item === 'simple' && item.name === 'FLAGS')
    selected.mailbox.heed()
  }

  /** One answer: at once if all is known. @param uid - of a message of the view */
  write(uid: number): Promise<void> | undefined {
    if (this.#needsFile) return this.#writeSlowly(uid)
    const digest = this.#wantsDigest ? this.#selected.mailbox.digest(uid) : undefined
    let text = this.#seen.has(uid) && !this.#hasFlags ? ` FLAGS (${this.#selected.flagsOf(uid)})` : ''
    for (const known of this.#known) {
      const told = known(uid, digest)
      if (told === undefined) return this.#writeSlowly(uid)
      text += ` ${told}`
    }
    this.#session.connection.put(`${fetchHead(this.#session, this.#selected, uid)}${text.slice(1)})\r\n`)
    return undefined
  }

  async #writeSlowly(uid: number): Promise<void> {
    if (this.#needsFile) await this.#open(uid) // then its size is right, whatever its name says
    const { mailbox } = this.#selected
    const isGone = this.#wantsDigest && mailbox.state(uid) === undefined
    const digest = this.#wantsDigest && !isGone ? await this.#session.reader.digest(this.#selected, uid) : undefined
    const words: Word[] = []
    if (this.#seen.has(uid) && !this.#hasFlags) words.push(`FLAGS (${this.#selected.flagsOf(uid)})`)
    for (const [at, item] of this.#items.entries()) {
      const told = this.#known[at]?.(uid, digest)
      const [name, value] = told === undefined ? await this.#wordsOf(uid, item) : ['', [told]]
      if (value === undefined) continue
      if (words.length > 0) words.push(' ')
      if (told === undefined) words.push(`${name} `)
      words.push(...value)
    }
    if (words.length === 0) words.push(`UID ${uid}`)
    const { connection } = this.#session
    connection.put(fetchHead(this.#session, this.#selected, uid))
    for (const word of words) connection.put(word)
    connection.put(')\r\n')
  }

  async #wordsOf(uid: number, item: FetchItem): Promise<[name: string, value: readonly Word[] | undefined]> {
    if (item.item === 'simple') return [item.name, await this.#simple(uid, item.name)]
    if (item.item === 'preview') return this.#preview(uid, item)
    const open = await this.#open(uid)
    const read = (start: number, end: number): Buffer => (open as OpenMessage).bytes.subarray(start, end)
    switch (item.item) {
      case 'body': {
        const name = `BODY${item.label}`
        return [name, open === undefined ? ['NIL'] : literal(cut(sectionBytes(open, item.section), item.partial))]
      }
      case 'binarySize': {
        const name = `BINARY.SIZE${item.label}`
        if (open === undefined) return [name, ['0']]
        const isTold = this.#canDecode(readBinary(open.root, item.section, read).trouble)
        return [name, isTold ? [String(binarySize(open.root, item.section, read))] : undefined]
      }
      case 'binary': {
        const name = `BINARY${item.label}`
        if (open === undefined) return [name, ['NIL']]
        const { bytes, trouble } = readBinary(open.root, item.section, read)
        return [name, this.#canDecode(trouble) ? literal(cut(bytes, item.partial), true) : undefined]
      }
    }
  }

  #canDecode(trouble: 'UNKNOWN-CTE' | 'PARSE' | undefined): boolean {
    if (trouble !== undefined) this.trouble ??= new RefusedCommand('this part cannot be decoded', trouble)
    return trouble === undefined
  }

  async #simple(uid: number, name: string): Promise<readonly Word[] | undefined> {
    const { mailbox } = this.#selected
    if (!withoutFile.has(name) && mailbox.state(uid) === undefined) {
      this.hasGone = true
      return name === 'RFC822' || name.startsWith('RFC822.') || name === 'ENVELOPE' || name.startsWith('BODY') ? ['NIL'] : undefined
    }
    switch (name) {
      case 'UID':
        return [String(uid)]
      case 'FLAGS':
        return [`(${this.#selected.flagsOf(uid)})`]
      case 'MODSEQ':
        return [`(${mailbox.modseqOf(uid)})`]
      case 'INTERNALDATE':
        return [writeInternalDate((await mailbox.date(uid)) ?? 0)]
      case 'SAVEDATE':
        return [writeInternalDate((await mailbox.saveDate(uid)) ?? 0)]
      case 'RFC822.SIZE':
        return [String((await mailbox.wireSize(uid)) ?? 0)]
      case 'EMAILID':
        return [`(${mailbox.emailId(uid)})`]
      case 'THREADID':
        return ['NIL']
      default:
        return this.#ofFile(await this.#open(uid), name)
    }
  }

  /** One that is asked for lazily is NIL unless it is known already, as is that of a message that is gone. */
  async #preview(uid: number, { name, lazy, fuzzy }: PreviewItem): Promise<[name: string, value: readonly Word[]]> {
    const { reader } = this.#session
    const open = lazy ? undefined : await this.#open(uid)
    const preview = lazy ? reader.knownPreview(uid) : open && reader.preview(open)
    if (preview === undefined) return [name, ['NIL']]
    const written = writeString(Buffer.from(preview, 'utf8').toString('latin1'))
    return [name, [fuzzy ? `(FUZZY ${written})` : written]]
  }

  #ofFile(open: OpenMessage | undefined, name: string): readonly Word[] {
    if (open === undefined) return ['NIL']
    switch (name) {
      case 'ENVELOPE':
        return [writeEnvelope(open.root.fields)]
      case 'BODY':
      case 'BODYSTRUCTURE':
        return [writeBodyStructure(open.root, name === 'BODYSTRUCTURE')]
      default:
        return literal(sectionBytes(open, name === 'RFC822' ? whole : name === 'RFC822.HEADER' ? header : text))
    }
  }

  async #open(uid: number): Promise<OpenMessage | undefined> {
    const open = await this.#session.reader.open(this.#selected, uid)
    if (open === undefined) this.hasGone = true
    return open
  }
}

function needsFile(item: FetchItem): boolean {
  if (wantsDigest(item)) return false
  return item.item === 'body' || item.item === 'binary' || (item.item === 'simple' && /^RFC822($|\.[HT])/.test(item.name))
}

function literal(bytes: Buffer, binary = false): readonly Word[] {
  return [literalHead(bytes.length, binary && bytes.includes(0)), bytes]
}
