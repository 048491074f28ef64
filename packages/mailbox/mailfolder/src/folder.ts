/**
 * One mailbox that is open: what is known of its messages, and how it keeps up with the disk.
 *
 * Reads   new/ and cur/, dovecot-uidlist, dovecot-keywords; what other programs do there is seen by look()
 * Writes  UIDs of messages that have none; for writers, moves from new/ to cur/
 * Turns   one change at a time in this process (inTurn). The dotlock of dovecot-uidlist is held only while that file
 *         or the keywords change
 * Gone    a message that one look does not find is looked for again before it counts as expunged
 */
import { nowSeconds } from '@yabumi/dates'
import { type DotLock, fieldOf, Keywords, type Living, nextUidValidity, Uidlist } from '@yabumi/dovecotfiles'
import { Digests } from './digests.ts'
import { baseOf, byAge, marksOf, sameMarks, toldSize } from './filename.ts'
import { History } from './history.ts'
import { Modseq } from './modseq.ts'
import { type Past, readPast, writePast } from './past.ts'
import { makeDirectory, Place } from './place.ts'
import { type Found, isThere } from './scan.ts'
import { type Seen, Sight } from './sight.ts'
import { Table } from './table.ts'

export class Folder {
  /** As clients call it; a rename changes it. */
  name: string
  readonly place: Place
  readonly list: Uidlist
  readonly letters: Keywords
  readonly sight: Sight
  readonly table: Table = new Table()
  readonly modseqs: Modseq
  readonly history: History
  readonly digests: Digests = new Digests(this)
  /** Names of keywords beyond the letters, by their bit in the column `further`. */
  readonly further: string[]
  /** Messages from this UID on have been shown to nobody as \Recent. */
  firstRecent: number
  /** Sessions that have it open for writing. */
  writers = 0
  /** Another mailbox has come in its place: the UIDs that were told are void. */
  replaced = false
  #validity = 0
  #past: Past | undefined
  /** Whether the messages that are found now were there before anybody looked. */
  #first = true
  #change: number | undefined
  #lock: DotLock | undefined
  #turn: Promise<unknown> = Promise.resolve()

  /**
   * @param path - of the mailbox's directory, a byte string
   * @param root - of the Maildir, for UIDVALIDITY
   * @throws the system's error
   */
  constructor(name: string, path: string, root: string, follow: boolean) {
    this.name = name
    this.place = new Place(path, follow)
    const { directory, fileMode } = this.place
    this.list = new Uidlist(directory.path, fileMode, () => nextUidValidity(root, fileMode))
    this.letters = new Keywords(directory.path, fileMode)
    makeDirectory(this.ownDirectory, 0o700)
    this.list.refresh()
    const past = readPast(this.ownDirectory, this.list.uidValidity)
    this.modseqs = new Modseq(this.ownDirectory, past?.facts.modseq ?? 0, this.list.uidValidity === 0)
    this.history = new History(past?.facts.historySince ?? this.modseqs.last, past?.facts.gone)
    this.further = [...(past?.facts.further ?? [])]
    this.firstRecent = past?.facts.firstRecent ?? this.list.nextUid
    this.#past = past
    this.sight = new Sight(this.place, (name) => this.digests.distrust(name))
  }

  /** Where our own files of this mailbox lie. All of them may be removed while nobody has it open. */
  get ownDirectory(): string {
    return `${this.place.directory.path}/yabumi-imap`
  }

  /** Do something while no other change of this process is under way in this mailbox. */
  inTurn<T>(work: () => Promise<T> | T): Promise<T> {
    const result = this.#turn.then(() => {
      this.#change = undefined
      return work()
    })
    this.#turn = result.catch(() => {})
    return result
  }

  /** Whether another mailbox has come in its place, as dovecot-uidlist stands now. @throws the system's error */
  isReplaced(): boolean {
    this.list.refresh()
    if (this.#validity === 0) this.#validity = this.list.uidValidity
    if (this.list.uidValidity !== this.#validity) this.replaced = true
    return this.replaced
  }

  /** Keep up with the disk. Called in turn. @param nameAnew - as of Sight.look(). @throws StillLocked; NoMoreUids; the system's error */
  async look(nameAnew = true): Promise<void> {
    if (this.place.isGone()) {
      this.replaced = true
      this.forget(Array.from({ length: this.table.count }, (_, index) => index))
      return
    }
    this.letters.refresh()
    this.list.refresh()
    if (this.list.uidValidity === 0 || this.list.guid === '') await this.locked((lock) => this.list.rewrite(lock, this.living()))
    this.isReplaced()
    this.forget(this.table.indexesOf(this.list.voided)) // others have given them other UIDs, or taken them out of the list
    if (this.list.voided.size > 0) this.sight.doubt() // their files are found anew
    this.list.voided.clear()
    const seen = this.sight.look(this.writers > 0, nameAnew)
    if (seen !== undefined) await this.#apply(seen)
    this.#endPast()
  }

  /** Do something, in turn, under the lock of dovecot-uidlist, with what stands there now. @throws StillLocked; the system's error */
  async locked<T>(work: (lock: DotLock) => T | Promise<T>): Promise<T> {
    if (this.#lock !== undefined) return work(this.#lock)
    const lock = await this.list.lock()
    this.#lock = lock
    try {
      this.list.refresh()
      this.letters.refresh()
      return await work(lock)
    } finally {
      this.#lock = undefined
      lock.release()
    }
  }

  /** The position of a message in the table by its base, or a number below 0. */
  indexOf(base: string): number {
    const known = this.list.find(base)
    return known === undefined ? -1 : this.table.indexOf(known.uid)
  }

  /** What dovecot-uidlist must keep when it is written anew. */
  living(): Living {
    let bases: Set<string> | undefined
    const all = (): Set<string> => {
      const found = new Set(this.sight.everything().keys())
      for (let at = 0; at < this.table.count; at += 1) found.add(baseOf(this.table.nameAt(at)))
      return found
    }
    return {
      count: this.table.count,
      has: (base) => {
        bases ??= all()
        return bases.has(base)
      },
    }
  }

  /** Take in a message that has its UID. @param fields - of its record in dovecot-uidlist. @param arrived - whether it has just got the UID */
  insert(uid: number, fields: string, { part, name }: Found, arrived: boolean): void {
    const base = baseOf(name)
    const marks = marksOf(name)
    const before = this.#past?.take(uid, base)
    const known = before === undefined ? this.#first && this.#past === undefined && !arrived : sameMarks(before, marks)
    this.table.insert({
      uid,
      name,
      part,
      ...marks,
      further: before?.further ?? 0,
      modseq: known ? (before?.modseq ?? this.modseqs.last) : this.changeNow(),
      size: before?.size ?? toldSize(base, fieldOf(fields, 'S'), 'S'),
      wireSize: before?.wireSize ?? toldSize(base, fieldOf(fields, 'W'), 'W'),
      date: before?.date ?? -1,
      saved: before?.saved ?? (arrived ? nowSeconds() : -1),
    })
  }

  /** The modseq of what this turn changes. @throws the system's error */
  changeNow(): number {
    this.#change ??= this.modseqs.next()
    return this.#change
  }

  /** A message's file has another name. */
  renamed(index: number, { part, name }: Found): void {
    const { table } = this
    const marks = marksOf(name)
    const same = sameMarks({ flags: table.get('flags', index), keywords: table.get('keywords', index) }, marks)
    const modseq = same ? table.get('modseq', index) : this.changeNow()
    table.rename(index, part, name)
    table.set('flags', index, marks.flags)
    table.set('keywords', index, marks.keywords)
    table.set('modseq', index, modseq)
  }

  /** Messages are gone for good. @param indexes - positions, ascending */
  forget(indexes: readonly number[]): void {
    if (indexes.length === 0) return
    if (!this.place.isGone())
      this.history.add(
        indexes.map((at) => this.table.uidAt(at)),
        this.changeNow(),
      )
    this.table.remove(indexes)
  }

  /** Write down what the next one who opens it will want to know. */
  save(): void {
    const { list, modseqs, firstRecent, history, further } = this
    const known = { uidValidity: list.uidValidity, modseq: modseqs.last, historySince: history.since, gone: history.entries }
    const facts = { ...known, firstRecent, further }
    if (!this.replaced && !this.#first) writePast(this.ownDirectory, facts, this.table)
    this.digests.flush()
  }

  /** Let go of it. Nobody uses it any more. */
  close(): void {
    this.save()
    this.modseqs.giveBack()
    this.digests.close()
    this.sight.close()
    this.place.close()
  }

  async #apply(seen: Seen): Promise<void> {
    const unknown = seen.whole ? this.#compareAll(seen.files) : this.#compareSome(seen)
    if (unknown === undefined) {
      this.sight.doubt()
      return this.look()
    }
    const fresh = this.#insertListed(unknown)
    if (fresh.length === 0) return
    await this.locked((lock) => {
      const still = this.#insertListed(fresh).sort((a, b) => byAge(baseOf(a.name), baseOf(b.name)))
      const uids = this.list.assign(
        lock,
        still.map(({ name }) => ({ base: baseOf(name), fields: '' })),
        this.living(),
      )
      for (const [at, found] of still.entries()) this.insert(uids[at] as number, '', found, true)
    })
  }

  /** Files that the table does not have; the others are brought up to date. What a second look does not find either is gone. */
  #compareAll(files: ReadonlyMap<string, Found>): Found[] {
    const missing: number[] = []
    const known = new Set<string>()
    for (let index = 0; index < this.table.count; index += 1) {
      const name = this.table.nameAt(index)
      const base = baseOf(name)
      const found = files.get(base)
      known.add(base)
      if (found === undefined) missing.push(index)
      else if (found.name !== name || found.part !== this.table.partAt(index)) this.renamed(index, found)
    }
    const now = missing.length > 0 ? this.sight.everything() : files
    const gone = missing.filter((index) => {
      const found = now.get(baseOf(this.table.nameAt(index)))
      if (found !== undefined) this.renamed(index, found)
      return found === undefined
    })
    this.forget(gone)
    return Array.from(now)
      .filter(([base]) => !known.has(base))
      .map(([, found]) => found)
  }

  /** The same for a few changes. @returns undefined if everything must be looked at */
  #compareSome({ files, gone }: Seen): Found[] | undefined {
    const isStill = (index: number): boolean => isThere(this.place, { part: this.table.partAt(index), name: this.table.nameAt(index) })
    const unknown: Found[] = []
    for (const base of gone) {
      const index = this.indexOf(base)
      // another program may have taken it out of dovecot-uidlist already
      if (this.list.find(base) === undefined || (index >= 0 && !isStill(index))) return undefined
    }
    for (const [base, found] of files) {
      const index = this.indexOf(base)
      if (index < 0) unknown.push(found)
      else if (found.name !== this.table.nameAt(index) || found.part !== this.table.partAt(index)) {
        if (isStill(index)) return undefined // two files with one base
        this.renamed(index, found)
      }
    }
    return unknown
  }

  /** Take in the files that dovecot-uidlist has. @returns the others */
  #insertListed(found: readonly Found[]): Found[] {
    const listed = found.flatMap((each) => {
      const known = this.list.find(baseOf(each.name))
      return known === undefined ? [] : [{ ...known, found: each }]
    })
    for (const { uid, fields, found: each } of listed.sort((a, b) => a.uid - b.uid)) {
      if (this.table.indexOf(uid) < 0) this.insert(uid, fields, each, false)
    }
    return found.filter(({ name }) => this.list.find(baseOf(name)) === undefined)
  }

  /** What was there last time and has not been found is gone. */
  #endPast(): void {
    const left = this.#past?.left() ?? []
    if (left.length > 0) this.history.add(left, this.changeNow())
    this.#past = undefined
    this.#first = false
  }
}
