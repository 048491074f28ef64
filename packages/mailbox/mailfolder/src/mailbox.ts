/**
 * A mailbox as a session uses it. All sessions of a process share one; each has its own View of it.
 *
 * Messages are named by UID. What needs the disk is a promise; what is known already is not.
 */
import type { Usage } from '@yabumi/dovecotfiles'
import type { Digest, FileStamp } from '@yabumi/messagecache'
import { type Appended, linkComing, writeComing } from './bring.ts'
import { commit, removeComing } from './commit.ts'
import { dateOf, emailIdOf, type MessageFile, readFileOf, saveDateOf, stampOf, wireSizeOf } from './facts.ts'
import type { Folder } from './folder.ts'
import type { Gone } from './history.ts'
import { expunge, type FlagChange, type Stored, store, untilThere } from './store.ts'
import { allKeywords, flagText, keywordNames } from './words.ts'

/** Who counts what lies in the Maildir. */
export interface Room {
  /** @throws Refusal OVERQUOTA */
  ask(wanted: Usage): void
  note(change: Usage): void
}

/** What is known of one message without the disk. */
export interface MessageState {
  readonly uid: number
  /** Bits of `flagBits`. */
  readonly flags: number
  readonly keywords: readonly string[]
  readonly modseq: number
}

export class Mailbox {
  /** For the other files of this package, and View. */
  readonly folder: Folder
  /** How many have it open; see MailAccount. */
  users = 0
  readonly #room: Room

  constructor(folder: Folder, room: Room) {
    this.folder = folder
    this.#room = room
  }

  get name(): string {
    return this.folder.name
  }

  get uidValidity(): number {
    return this.folder.list.uidValidity
  }

  get uidNext(): number {
    return this.folder.list.nextUid
  }

  /** Every change has a number of its own, or shares it with others of one command; this is the highest. */
  get highestModseq(): number {
    return this.folder.modseqs.last
  }

  /** 32 hexadecimal digits: MAILBOXID of RFC 8474. A rename keeps it. */
  get mailboxId(): string {
    return this.folder.list.guid
  }

  /** Another mailbox has come in its place, or it has another UIDVALIDITY: sessions must let go of it. */
  get replaced(): boolean {
    return this.folder.replaced
  }

  get count(): number {
    return this.folder.table.count
  }

  /** All UIDs, ascending: a copy. */
  uids(): Uint32Array {
    return this.folder.table.uids()
  }

  /** Every keyword that the mailbox knows. */
  get keywords(): string[] {
    return allKeywords(this.folder)
  }

  /**
   * Keep up with the disk.
   *
   * @param nameAnew - whether the second of two files with one base may become a message of its own
   * @throws the system's error, StillLocked, NoMoreUids: the mailbox cannot be served now
   */
  sync(nameAnew = true): Promise<void> {
    return this.folder.inTurn(() => this.folder.look(nameAnew))
  }

  /** A descriptor that becomes readable when something changes from now on; it stays ours. sync() afterwards. @throws the system's error */
  bell(): number {
    return this.folder.sight.bell.silent()
  }

  /** Be told when another program changes something, until the returned function is called. Then sync(). */
  listen(listener: () => void): () => void {
    return this.folder.sight.watch.listen(listener)
  }

  /** Undefined if there is no such message. */
  state(uid: number): MessageState | undefined {
    const { table } = this.folder
    const index = table.indexOf(uid)
    if (index < 0) return undefined
    const marks = table.marksAt(index)
    return { uid, flags: marks.flags, keywords: keywordNames(this.folder, marks), modseq: table.get('modseq', index) }
  }

  /** Of the last change of a message. Of one that is gone, the last one, while a View has it; else 1. */
  modseqOf(uid: number): number {
    return this.folder.table.modseqOf(uid)
  }

  /** System flags and keywords of a message as they are shown, without \Recent, one blank between them. Of one that is gone, its last ones, while a View has it. Else undefined. */
  flagText(uid: number): string | undefined {
    const marks = this.folder.table.marksOf(uid)
    return marks && flagText(this.folder, marks)
  }

  /** The file's bytes, as they lie there: see toWire. Undefined if the message is gone. Sizes are right afterwards, whatever names said. */
  async read(uid: number): Promise<Buffer | undefined> {
    return (await this.readFile(uid))?.bytes
  }

  /** The same, and what tells this file from one that is written anew. @param into - takes the bytes if it is long enough */
  readFile(uid: number, into?: Buffer): Promise<MessageFile | undefined> {
    return this.#ask(uid, (index) => readFileOf(this.folder, index, into))
  }

  /** What tells the file as it is now. Undefined if the message is gone. */
  stamp(uid: number): Promise<FileStamp | undefined> {
    return this.#ask(uid, (index) => stampOf(this.folder, index))
  }

  /** What is known without the disk of a size on the wire, or a date; undefined if nobody has looked, or the message is gone. */
  known(uid: number, what: 'wireSize' | 'date'): number | undefined {
    const { table } = this.folder
    const index = table.indexOf(uid)
    const value = index < 0 ? -1 : table.get(what, index)
    return value === -1 ? undefined : value
  }

  /** What was kept of a message, by keep(), perhaps in another session. heed() comes before, at the beginning of a command. */
  digest(uid: number): Digest | undefined {
    return this.folder.digests.get(uid)
  }

  /** See that no file is believed to be as it was that another program has touched. */
  heed(): void {
    this.folder.sight.watch.heedAll()
  }

  /** Keep what was made of the file that readFile() gave. */
  keep(uid: number, stamp: FileStamp, digest: Digest): void {
    this.folder.digests.keep(uid, stamp, digest)
  }

  /** Write what was kept, so that digest() has it. */
  flush(): void {
    this.folder.digests.flush()
  }

  /** RFC822.SIZE. A name may lie about it: whoever sends the message counts what read() gives. */
  wireSize(uid: number): Promise<number | undefined> {
    return this.#ask(uid, (index) => wireSizeOf(this.folder, index))
  }

  /** INTERNALDATE in seconds since 1970. */
  date(uid: number): Promise<number | undefined> {
    return this.#ask(uid, (index) => dateOf(this.folder, index))
  }

  /** SAVEDATE in seconds since 1970. */
  saveDate(uid: number): Promise<number | undefined> {
    return this.#ask(uid, (index) => saveDateOf(this.folder, index))
  }

  /** EMAILID of RFC 8474. */
  emailId(uid: number): string | undefined {
    const index = this.folder.table.indexOf(uid)
    return index < 0 ? undefined : emailIdOf(this.folder, index)
  }

  /** Change flags of messages. @param unchangedSince - those with a higher modseq stay as they are. @throws Refusal LIMIT; the system's error */
  store(uids: readonly number[], change: FlagChange, unchangedSince?: number): Promise<Stored> {
    return this.folder.inTurn(() => store(this.folder, uids, change, unchangedSince))
  }

  /** Remove messages for good. @returns the UIDs that went, ascending. @throws the system's error */
  async expunge(uids: readonly number[]): Promise<number[]> {
    const { uids: gone, bytes } = await this.folder.inTurn(() => expunge(this.folder, uids))
    if (gone.length > 0) this.#room.note({ bytes: -bytes, count: -gone.length })
    return gone
  }

  /** Add messages, all or none; durable with these UIDs when it returns. @throws Refusal OVERQUOTA, LIMIT; the system's error */
  async append(messages: readonly Appended[]): Promise<number[]> {
    this.#room.ask({ bytes: messages.reduce((sum, { message }) => sum + message.length, 0), count: messages.length })
    const written = await Promise.allSettled(messages.map((message) => writeComing(this.folder, message)))
    const coming = written.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []))
    const failed = written.find((each) => each.status === 'rejected')
    if (failed !== undefined) {
      for (const { base } of coming) removeComing(this.folder, base)
      throw failed.reason
    }
    return this.#commit(coming)
  }

  /**
   * Copy messages into a mailbox, all or none, in the order given; durable with these UIDs when it returns.
   *
   * @returns the UIDs there, in the same order
   * @throws Refusal EXPUNGEISSUED if one is gone, OVERQUOTA, LIMIT; the system's error
   */
  async copy(uids: readonly number[], to: Mailbox): Promise<number[]> {
    const coming = await this.folder.inTurn(() => linkComing(this.folder, to.folder, uids))
    try {
      this.#room.ask({ bytes: coming.reduce((sum, { bytes }) => sum + bytes, 0), count: coming.length })
    } catch (error) {
      for (const { base } of coming) removeComing(to.folder, base)
      throw error
    }
    return to.#commit(coming)
  }

  /** Move messages: as copy, then they go here. What cannot go stays here, and its copy goes. @throws as copy, but OVERQUOTA */
  async move(uids: readonly number[], to: Mailbox): Promise<number[]> {
    const coming = await this.folder.inTurn(() => linkComing(this.folder, to.folder, uids))
    const copies = await to.#commit(coming)
    try {
      await this.expunge(uids)
    } catch (error) {
      const stayed = copies.filter((_, at) => this.folder.table.indexOf(uids[at] as number) >= 0)
      await to.expunge(stayed)
      throw error
    }
    return copies
  }

  /** What went after a modseq, as ranges of UIDs; undefined if nobody knows any more, and every UID that is missing may be meant. */
  goneAfter(modseq: number): readonly Gone[] | undefined {
    return this.folder.history.after(modseq)
  }

  async #commit(coming: readonly (Parameters<typeof commit>[1][number] & { bytes: number })[]): Promise<number[]> {
    if (coming.length === 0) return []
    const uids = await commit(this.folder, coming)
    this.#room.note({ bytes: coming.reduce((sum, { bytes }) => sum + bytes, 0), count: coming.length })
    return uids
  }

  #ask<T>(uid: number, work: (index: number) => T): Promise<T | undefined> {
    return untilThere(this.folder, uid, work, () => this.sync())
  }
}
