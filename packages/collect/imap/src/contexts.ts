/**
 * Searches whose results the client wants to hear the changes of (RFC 5267 §4.3).
 *
 * Before numbers change it hears what is found no more, and what is found now; after EXISTS, what has arrived. Places
 * in the result are told for SORT only.
 *
 * Memory  imapContexts searches; of SORT the fields that it compared, of imapSortedMessages messages at most
 */
import { compileSearch, type SearchContext, sortMessages } from '@yabumi/imapsearch'
import { NumberSet, type SearchKey, type SortCriterion } from '@yabumi/imapwire'
import { imapContexts, imapSortedMessages } from '@yabumi/limits'
import type { Connection } from './connection.ts'
import { Found } from './found.ts'
import type { MessageReader } from './messages.ts'
import type { Selected } from './selected.ts'

/** Whose searches they are: a session. */
export interface Asker {
  readonly connection: Connection
  readonly reader: MessageReader
  /** UIDs of `$`. */
  readonly saved: NumberSet
}

/** A search as it was asked for. */
export interface KeptSearch {
  readonly tag: string
  readonly uid: boolean
  readonly key: SearchKey
  /** Undefined for SEARCH, which has no order. */
  readonly criteria: readonly SortCriterion[] | undefined
  /** As SORT put them. */
  readonly found: readonly Found[]
}

/** What the words of a search mean now. @param saved - UIDs of `$` */
export function searchContext({ view }: Selected, saved: NumberSet): SearchContext {
  return {
    exists: view.count,
    lastUid: view.uids.at(-1) ?? 0,
    savedNumbers: NumberSet.ofSorted([...saved].map((uid) => view.sequenceOf(uid)).filter((number) => number > 0)),
    savedUids: saved,
    nowSeconds: Math.floor(Date.now() / 1000),
  }
}

class Context {
  readonly #asker: Asker
  readonly #selected: Selected
  readonly #search: KeptSearch
  readonly #saved: NumberSet
  #uids: NumberSet
  #order: Found[]
  #modseq: number
  #lastUid: number

  constructor(asker: Asker, selected: Selected, search: KeptSearch) {
    this.#asker = asker
    this.#selected = selected
    this.#search = search
    this.#saved = asker.saved
    this.#uids = NumberSet.of(search.found.map(({ uid }) => uid))
    this.#order = search.criteria === undefined ? [] : [...search.found]
    this.#modseq = selected.mailbox.highestModseq
    this.#lastUid = selected.view.uids.at(-1) ?? 0
  }

  /** Numbers are as the client knows them. @param mayExpunge - those that are gone are told to be */
  async tellChanged(mayExpunge: boolean): Promise<void> {
    const { mailbox, view } = this.#selected
    const since = this.#modseq
    this.#modseq = mailbox.highestModseq
    const removed = mayExpunge ? [...this.#uids].filter((uid) => mailbox.state(uid) === undefined) : []
    const changed = since === this.#modseq ? [] : [...view.uids].filter((uid) => (mailbox.state(uid)?.modseq ?? 0) > since)
    const known = changed.filter((uid) => uid <= this.#lastUid)
    const matching = await this.#matching(known)
    const isFound = new Set(matching.map(({ uid }) => uid))
    this.#remove([...removed, ...known.filter((uid) => this.#uids.has(uid) && !isFound.has(uid))])
    await this.#add(matching.filter(({ uid }) => !this.#uids.has(uid)))
  }

  async tellArrived(): Promise<void> {
    const { view } = this.#selected
    const fresh = [...view.uids.subarray(view.firstFrom(this.#lastUid + 1) - 1)]
    this.#lastUid = view.uids.at(-1) ?? this.#lastUid
    await this.#add(await this.#matching(fresh))
  }

  async #matching(uids: readonly number[]): Promise<Found[]> {
    if (uids.length === 0) return []
    const program = compileSearch(this.#search.key, searchContext(this.#selected, this.#saved))
    const found: Found[] = []
    for (const uid of uids) {
      const message = new Found(this.#asker.reader, this.#selected, this.#selected.view.sequenceOf(uid))
      if (await message.isMatch(program)) found.push(message)
    }
    return found
  }

  #remove(uids: readonly number[]): void {
    if (uids.length === 0) return
    const gone = NumberSet.of(uids)
    this.#uids = this.#uids.without(gone)
    if (this.#search.criteria === undefined) {
      this.#tell(`REMOVEFROM (0 ${this.#numbers(uids)})`)
      return
    }
    const places = this.#order.flatMap(({ uid }, at) => (gone.has(uid) ? [`${at + 1} ${this.#numbers([uid])}`] : []))
    this.#order = this.#order.filter(({ uid }) => !gone.has(uid))
    this.#tell(`REMOVEFROM (${places.reverse().join(' ')})`) // from the end, so that each place is still right
  }

  async #add(found: readonly Found[]): Promise<void> {
    if (found.length === 0) return
    const { criteria } = this.#search
    const fresh = NumberSet.of(found.map(({ uid }) => uid))
    this.#uids = this.#uids.union(fresh)
    if (criteria === undefined) {
      this.#tell(`ADDTO (0 ${this.#numbers([...fresh])})`)
      return
    }
    for (const message of found) await message.load(criteria.map(({ field }) => field))
    this.#order = sortMessages([...this.#order, ...found], criteria)
    const places = this.#order.flatMap(({ uid }, at) => (fresh.has(uid) ? [`${at + 1} ${this.#numbers([uid])}`] : []))
    this.#tell(`ADDTO (${places.join(' ')})`)
  }

  #numbers(uids: readonly number[]): NumberSet {
    return NumberSet.of(this.#search.uid ? uids : uids.map((uid) => this.#selected.view.sequenceOf(uid)))
  }

  #tell(what: string): void {
    const { tag, uid } = this.#search
    this.#asker.connection.put(`* ESEARCH (TAG "${tag.replaceAll(/["\\]/g, '\\$&')}")${uid ? ' UID' : ''} ${what}\r\n`)
  }
}

/** All of a session. */
export class Contexts {
  readonly #contexts = new Map<string, Context>()

  get isEmpty(): boolean {
    return this.#contexts.size === 0
  }

  /** Keep a search up to date. @returns whether there is room for it */
  keep(asker: Asker, selected: Selected, search: KeptSearch): boolean {
    const isTooLong = search.criteria !== undefined && search.found.length > imapSortedMessages
    if (isTooLong || (this.#contexts.size >= imapContexts && !this.#contexts.has(search.tag))) return false
    this.#contexts.set(search.tag, new Context(asker, selected, search))
    return true
  }

  /** @returns whether there was one */
  cancel(tag: string): boolean {
    return this.#contexts.delete(tag)
  }

  /** The mailbox is left. */
  clear(): void {
    this.#contexts.clear()
  }

  async tellChanged(mayExpunge: boolean): Promise<void> {
    for (const context of this.#contexts.values()) await context.tellChanged(mayExpunge)
  }

  async tellArrived(): Promise<void> {
    for (const context of this.#contexts.values()) await context.tellArrived()
  }
}
