/**
 * What one session knows of a mailbox: its sequence numbers, and what it has not been told yet.
 *
 * Messages that are gone keep their numbers until the session is told so. Numbers only grow at the end: a message
 * with a UID below one that the session has is not shown to it. (Another program was late, or brought it back; the
 * next SELECT shows it.)
 */
import type { Told } from './ghosts.ts'
import type { Mailbox } from './mailbox.ts'
import { checkOf, type ParkedView, uidsOf } from './parking.ts'
import { Refusal } from './refusal.ts'
import { search } from './table.ts'

/** What a session must be told, in this order. Numbers are those from before. */
export interface News {
  /** UIDs whose flags or keywords have changed, ascending; none that is new, or is told to be gone. */
  readonly changed: readonly number[]
  /** From the highest down, so that every number is still right when it is told. */
  readonly expunged: readonly { readonly sequence: number; readonly uid: number }[]
  /** EXISTS, if it has changed. */
  readonly exists: number | undefined
  /** RECENT, if it has changed. */
  readonly recent: number | undefined
}

const mostRecent = 100 // in what is parked

export class View implements Told {
  readonly mailbox: Mailbox
  readonly readWrite: boolean
  #uids: Uint32Array
  #recent = new Set<number>()
  #modseq: number
  #generation: number

  /**
   * The mailbox as it is now: sync() first. A view for writing takes what is \Recent, and makes sync() take mail out of new/.
   * Close it when the session leaves the mailbox.
   *
   * @param before - a view that was parked, which goes on
   * @throws Refusal CANNOT if that is not possible any more
   */
  constructor(mailbox: Mailbox, readWrite: boolean, before?: ParkedView) {
    this.mailbox = mailbox
    this.readWrite = readWrite
    const uids = before === undefined ? mailbox.uids() : uidsOf(before, mailbox.uids(), mailbox.goneAfter(before.modseq))
    if (uids === undefined || (before !== undefined && before.uidValidity !== mailbox.uidValidity)) {
      throw new Refusal('CANNOT', 'Nobody knows any more what has happened in the mailbox')
    }
    this.#uids = uids
    for (const uid of before?.recent ?? []) this.#recent.add(uid)
    this.#modseq = before?.modseq ?? mailbox.highestModseq
    this.#generation = before === undefined ? mailbox.folder.table.generation : -1
    mailbox.folder.table.ghosts.join(this)
    if (readWrite) mailbox.folder.writers += 1
    this.#addRecent()
  }

  get count(): number {
    return this.#uids.length
  }

  /** What makes the same view again; undefined if nothing would, or that would be much. */
  park(): ParkedView | undefined {
    if (this.#recent.size > mostRecent) return undefined
    const { mailbox, readWrite } = this
    const next = (this.#uids.at(-1) ?? 0) + 1
    const recent = [...this.#recent]
    const view = { uidValidity: mailbox.uidValidity, readWrite, uidNext: next, modseq: this.#modseq, check: checkOf(this.#uids), recent }
    return uidsOf(view, mailbox.uids(), mailbox.goneAfter(view.modseq)) && view
  }

  /** For Ghosts. */
  get generation(): number {
    return this.#generation
  }

  /** Messages of this session that are \Recent. */
  get recentCount(): number {
    return this.#recent.size
  }

  isRecent(uid: number): boolean {
    return this.#recent.has(uid)
  }

  /** The UID of a sequence number, which is from 1 to count. */
  uidOf(sequence: number): number {
    return this.#uids[sequence - 1] as number
  }

  /** The sequence number of a UID, or 0. */
  sequenceOf(uid: number): number {
    return Math.max(0, search(this.#uids, this.#uids.length, uid) + 1)
  }

  /** All UIDs by sequence number, the first at 0. Not to be changed. */
  get uids(): Uint32Array {
    return this.#uids
  }

  /** The number that the first UID from here on has, or would have. */
  firstFrom(uid: number): number {
    const at = search(this.#uids, this.#uids.length, uid)
    return (at < 0 ? -1 - at : at) + 1
  }

  /** What is new since the last call. @param mayExpunge - whether numbers may change now */
  news(mayExpunge: boolean): News {
    const { table } = this.mailbox.folder
    const changed: number[] = []
    if (this.#modseq !== this.mailbox.highestModseq) {
      for (let index = 0; index < table.count; index += 1) {
        const uid = table.uidAt(index)
        if (table.get('modseq', index) > this.#modseq && this.sequenceOf(uid) > 0) changed.push(uid)
      }
      if (!mayExpunge) for (const uid of this.#changedGhosts()) changed.push(uid)
      changed.sort((a, b) => a - b)
      this.#modseq = this.mailbox.highestModseq
    }
    if (this.#generation === table.generation) return { changed, expunged: [], exists: undefined, recent: undefined }
    const before = { exists: this.count, recent: this.#recent.size }
    const expunged = mayExpunge ? this.#expunge() : []
    const after = this.#uids.length
    this.#append()
    this.#addRecent()
    if (mayExpunge) {
      this.#generation = table.generation
      table.ghosts.settle()
    }
    return {
      changed,
      expunged,
      exists: this.count === after ? undefined : this.count,
      recent: this.#recent.size === before.recent ? undefined : this.#recent.size,
    }
  }

  close(): void {
    this.mailbox.folder.table.ghosts.leave(this)
    if (this.readWrite) this.mailbox.folder.writers -= 1
  }

  /** Messages that are gone, whose flags changed before. */
  #changedGhosts(): number[] {
    const { table } = this.mailbox.folder
    return table.ghosts.changedSince(this.#modseq).filter((uid) => this.sequenceOf(uid) > 0 && table.indexOf(uid) < 0)
  }

  #expunge(): { sequence: number; uid: number }[] {
    const { table } = this.mailbox.folder
    const gone: { sequence: number; uid: number }[] = []
    const left = this.#uids.filter((uid, at) => {
      if (table.indexOf(uid) >= 0) return true
      gone.push({ sequence: at + 1, uid })
      this.#recent.delete(uid)
      return false
    })
    this.#uids = left
    return gone.reverse()
  }

  #append(): void {
    const last = this.#uids.at(-1) ?? 0
    const all = this.mailbox.uids()
    const from = search(all, all.length, last + 1)
    const more = all.subarray(from < 0 ? -1 - from : from)
    if (more.length === 0) return
    const uids = new Uint32Array(this.#uids.length + more.length)
    uids.set(this.#uids)
    uids.set(more, this.#uids.length)
    this.#uids = uids
  }

  #addRecent(): void {
    const { folder } = this.mailbox
    for (let at = this.firstFrom(folder.firstRecent) - 1; at < this.#uids.length; at += 1) this.#recent.add(this.#uids[at] as number)
    if (this.readWrite) folder.firstRecent = Math.max(folder.firstRecent, this.mailbox.uidNext)
  }
}
