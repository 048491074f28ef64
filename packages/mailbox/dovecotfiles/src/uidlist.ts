/**
 * The dovecot-uidlist of one mailbox: which message has which UID, for good, for every program that reads the
 * Maildir.
 *
 * Reads   what was appended since, or the whole file where another one has the name. No lock is needed to read
 * Writes  under its dotlock alone: new records after the others, or dovecot-uidlist.tmp, renamed
 * Synced  what is written, before assign() and rewrite() return
 * Crash   leaves a last line without its end, which nobody believes; the next writer replaces the file
 */
import { randomBytes } from 'node:crypto'
import {
  closeSync,
  constants,
  fdatasyncSync,
  fstatSync,
  lstatSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  type Stats,
} from 'node:fs'
import { removeQuietly, syncDirectory, writeAll } from '@yabumi/files'
import { uidlistBytes } from '@yabumi/limits'
import { DotLock, StillLocked } from './dotlock.ts'
import { type Header, headerLine, largestUid, parseHeader, parseRecord, recordLine } from './records.ts'

/** All UIDs of this UIDVALIDITY are used up. */
export class NoMoreUids extends Error {
  override readonly name = 'NoMoreUids'
}

/** What the records say of one message. */
export interface Known {
  readonly uid: number
  readonly fields: string
}

/** The messages that are there now. */
export interface Living {
  readonly count: number
  has(base: string): boolean
}

export class Uidlist {
  /** UIDs that the list does not have any more for the message that had them. Whoever has dealt with them clears it. */
  readonly voided: Set<number> = new Set()
  readonly #path: string
  readonly #directory: string
  readonly #mode: number
  readonly #freshValidity: () => number
  #header: Header | undefined
  /** The first line as it stands in the file. */
  #head = ''
  #known = new Map<string, Known>()
  #nextUid = 1
  #lines = 0
  #offset = 0
  #status: Stats | undefined
  #lastUid = 0
  /** Whether the file must be written anew before anything is appended. */
  #broken = false
  /** Whether a line without its end stands last: it is being written, or, if we hold the lock, nobody will ever finish it. */
  #torn = false

  /**
   * @param directory - of the mailbox, a byte string without a slash at its end
   * @param mode - permissions of files that are made
   * @param freshValidity - where UIDVALIDITY comes from if there is no list
   */
  constructor(directory: string, mode: number, freshValidity: () => number) {
    this.#freshValidity = freshValidity
    this.#directory = directory
    this.#path = `${directory}/dovecot-uidlist`
    this.#mode = mode
  }

  /** 0 until there is a list. */
  get uidValidity(): number {
    return this.#header?.uidValidity ?? 0
  }

  /** No UID from here on was ever given out. */
  get nextUid(): number {
    return this.#nextUid
  }

  /** The mailbox's name for good, 32 hexadecimal digits; empty until the list is written by us. */
  get guid(): string {
    return this.#header?.guid ?? ''
  }

  find(base: string): Known | undefined {
    return this.#known.get(base)
  }

  /** Wait for the lock that guards this list and the keywords. */
  lock(): Promise<DotLock> {
    return DotLock.take(this.#path)
  }

  /** Read what others have written. @returns whether anything is new. @throws the system's error */
  refresh(): boolean {
    const status = lstatSync(this.#path, { throwIfNoEntry: false })
    if (status === undefined) return this.#forget()
    const before = this.#status
    if (before !== undefined && before.ino === status.ino && before.dev === status.dev) {
      if (before.size === status.size && before.mtimeMs === status.mtimeMs) return false
      if (status.size >= before.size && !this.#broken) return this.#readOn()
    }
    this.#readAll()
    return true
  }

  /**
   * Give new messages their UIDs. The lock is held, and the list refreshed under it.
   *
   * @param found - base names, and their fields, in the order that their UIDs shall have
   * @param living - what must not get lost if the file is written anew
   * @throws NoMoreUids; StillLocked; the system's error: then nothing counts
   */
  assign(lock: DotLock, found: readonly { base: string; fields: string }[], living: Living): number[] {
    if (this.#nextUid + found.length > largestUid) throw new NoMoreUids(`${this.#path} has given out all its UIDs`)
    if (!this.#isAppendable(living)) this.rewrite(lock, living)
    if (!lock.held()) throw new StillLocked(`${this.#path}.lock was taken from us`)
    const uids = found.map((_, at) => this.#nextUid + at)
    this.#append(found.map(({ base, fields }, at) => recordLine(uids[at] as number, fields, base)).join(''))
    found.forEach(({ base, fields }, at) => {
      this.#keep(uids[at] as number, fields, base)
    })
    return uids
  }

  /** Write the file anew, without the messages that are gone. The lock is held. @throws StillLocked; the system's error */
  rewrite(lock: DotLock, living: Living): void {
    if (!lock.held()) throw new StillLocked(`${this.#path}.lock was taken from us`)
    for (const base of this.#known.keys()) if (!living.has(base)) this.#known.delete(base)
    const old = this.#header
    const header: Header = {
      uidValidity: old?.uidValidity ?? this.#freshValidity(),
      nextUid: this.#nextUid,
      guid: old?.guid || randomBytes(16).toString('hex'),
      rest: old?.rest ?? [],
      version: 3,
    }
    const text = [headerLine(header), ...Array.from(this.#known, ([base, { uid, fields }]) => recordLine(uid, fields, base))].join('')
    const temporary = `${this.#path}.tmp`
    const fd = openSync(temporary, constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC | constants.O_NOFOLLOW, this.#mode)
    try {
      writeAll(fd, Buffer.from(text, 'latin1'))
      fdatasyncSync(fd)
      renameSync(temporary, this.#path)
      this.#header = header
      this.#head = headerLine(header)
      this.#lines = this.#known.size
      this.#broken = false
      this.#torn = false
      this.#remember(fstatSync(fd), Buffer.byteLength(text, 'latin1'))
    } catch (error) {
      removeQuietly(temporary)
      throw error
    } finally {
      closeSync(fd)
    }
    syncDirectory(this.#directory)
  }

  #isAppendable(living: Living): boolean {
    if (this.#broken || this.#torn || this.#header?.version !== 3 || this.#header.guid === '') return false
    return this.#lines < fewLines || living.count > this.#lines * 0.75
  }

  #append(text: string): void {
    if (text === '') return
    const fd = openSync(this.#path, constants.O_WRONLY | constants.O_APPEND | constants.O_NOFOLLOW)
    try {
      writeAll(fd, Buffer.from(text, 'latin1'))
      fdatasyncSync(fd)
      this.#remember(fstatSync(fd), this.#offset + text.length)
    } catch (error) {
      this.#broken = true // perhaps a part is there
      throw error
    } finally {
      closeSync(fd)
    }
  }

  #keep(uid: number, fields: string, base: string): void {
    const before = this.#known.get(base)
    if (before !== undefined && before.uid !== uid) this.voided.add(before.uid)
    this.#known.delete(base) // a base twice: the higher one wins, and the order stays that of the UIDs
    this.#known.set(base, { uid, fields })
    this.#lastUid = uid
    this.#nextUid = Math.max(this.#nextUid, uid + 1)
    this.#lines += 1
  }

  #remember(status: Stats, offset: number): void {
    this.#status = status
    this.#offset = offset
  }

  #forget(): boolean {
    if (this.#status === undefined) return false
    this.#status = undefined
    this.#header = undefined
    this.#known.clear()
    this.#lastUid = 0
    this.#nextUid = 1
    return true
  }

  #readAll(): void {
    const fd = openSync(this.#path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
    try {
      const status = fstatSync(fd)
      if (!status.isFile() || status.size > uidlistBytes) throw Object.assign(new Error('EFBIG'), { code: 'EFBIG' })
      const text = readFileSync(fd, 'latin1')
      const end = text.indexOf('\n')
      const header = end === -1 ? undefined : parseHeader(text.slice(0, end))
      const before = header !== undefined && header.uidValidity === this.uidValidity ? this.#nextUid : 1
      this.#header = header
      this.#head = text.slice(0, end + 1)
      const old = this.#known
      this.#known = new Map()
      this.#lastUid = 0
      this.#lines = 0
      this.#broken = header === undefined
      this.#nextUid = Math.max(before, header?.nextUid ?? 1)
      this.#remember(status, end + 1)
      if (header !== undefined) this.#take(text, end + 1)
      for (const [base, { uid }] of old) if (this.#known.get(base)?.uid !== uid) this.voided.add(uid)
    } finally {
      closeSync(fd)
    }
  }

  #readOn(): boolean {
    const fd = openSync(this.#path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
    try {
      const status = fstatSync(fd)
      if (!this.#isContinued(fd)) {
        this.#readAll()
        return true
      }
      const buffer = Buffer.alloc(Math.max(0, Math.min(status.size, uidlistBytes) - this.#offset))
      const text = buffer.toString('latin1', 0, readSync(fd, buffer, 0, buffer.length, this.#offset))
      const lines = this.#lines
      const offset = this.#offset
      this.#remember(status, offset)
      this.#take(text, 0, offset)
      return this.#lines !== lines
    } finally {
      closeSync(fd)
    }
  }

  /** Whether what we have read stands there still, as far as its first line and the end of its last one tell. */
  #isContinued(fd: number): boolean {
    const head = Buffer.alloc(this.#head.length)
    const end = Buffer.alloc(1)
    if (readSync(fd, head, 0, head.length, 0) !== head.length || head.toString('latin1') !== this.#head) return false
    return readSync(fd, end, 0, 1, this.#offset - 1) === 1 && end[0] === 10
  }

  /** Records from `at` on. A last line without its end is being written, or was torn: it does not count. */
  #take(text: string, at: number, offset = 0): void {
    const version = this.#header?.version ?? 3
    let from = at
    for (let end = text.indexOf('\n', from); end !== -1; end = text.indexOf('\n', from)) {
      const record = parseRecord(text.slice(from, end), version)
      if (record === undefined || record.uid <= this.#lastUid) {
        this.#skip(text.slice(from), version)
        return
      }
      this.#keep(record.uid, record.fields, record.base)
      from = end + 1
    }
    this.#offset = offset + from
    this.#torn = from < text.length
  }

  /** What stands behind a line that cannot be read gets new UIDs, behind all that it may have had. */
  #skip(text: string, version: 1 | 3): void {
    this.#broken = true
    for (const line of text.split('\n')) {
      const uid = parseRecord(line, version)?.uid ?? 0
      if (uid < believableUid) this.#nextUid = Math.max(this.#nextUid, uid + 1)
    }
  }
}

const fewLines = 20 // too few to be worth a new file
const believableUid = 2 ** 31 // a number beyond it, in a list that is broken anyway, would use up the UIDs
