/**
 * What a client that said NOTIFY hears of mailboxes that it has not selected (RFC 5465).
 *
 * Of each mailbox two directories are looked at: every imapNotifySeconds, at once for INBOX, and at NOOP. Only what has
 * changed is opened. The first group that names a mailbox counts, as the RFC has it.
 *
 * Memory  some words for each mailbox, imapNotifyMailboxes at most
 */
import { type EventGroup, type NotifyRequest, RefusedCommand, type StatusItem } from '@yabumi/imapwire'
import { imapNotifyMailboxes, imapNotifySeconds } from '@yabumi/limits'
import { canonicalName, type Mailbox, type Status } from '@yabumi/mailfolder'
import { writeStatus } from './commands/status.ts'
import { FetchAnswer } from './fetchanswer.ts'
import type { Selected } from './selected.ts'
import type { Session } from './session.ts'
import type { Watching } from './watching.ts'

interface Seen {
  readonly id: string
  readonly key: string | undefined
  /** Undefined until it had to be opened. */
  readonly status: Status | undefined
}

/** Its names as they are inside. */
type Group = EventGroup & { readonly names: ReadonlySet<string> }

const messageEvents = ['MESSAGENEW', 'FLAGCHANGE']

export class Notify implements Watching {
  readonly #session: Session
  readonly #groups: readonly Group[]
  readonly #timer: NodeJS.Timeout
  readonly #wake: () => void
  #seen: ReadonlyMap<string, Seen> = new Map()
  #subscribed: ReadonlySet<string> = new Set()
  #inbox: Mailbox | undefined
  #stopInbox: (() => void) | undefined
  #followed: Mailbox | undefined
  #stopFollowing: (() => void) | undefined
  /** What is told of the selected mailbox; undefined for nothing. */
  readonly selected: EventGroup | undefined

  constructor(session: Session, { groups }: NotifyRequest) {
    this.#session = session
    this.selected = groups.find(isOfSelected)
    this.#groups = groups
      .filter((group) => !isOfSelected(group))
      .map((group) => ({ ...group, names: new Set(group.mailboxes.map((name) => session.nameOf(name))) }))
    this.#wake = () => session.connection.wake()
    this.#timer = setInterval(this.#wake, 1000 * imapNotifySeconds)
    if (this.#groups.length === 0) clearInterval(this.#timer)
  }

  /** See how things are now. @param isTold - the client wants to know, too. @throws RefusedCommand NOTIFICATIONOVERFLOW */
  async begin(isTold: boolean): Promise<void> {
    const { account } = this.#session
    this.#subscribed = this.#subscriptions()
    const names = account.list().filter((name) => this.#eventsOf(name).size > 0)
    if (names.length > imapNotifyMailboxes) throw new RefusedCommand('there are too many mailboxes', 'NOTIFICATIONOVERFLOW')
    const seen = new Map<string, Seen>()
    for (const name of names) {
      const glance = account.glance(name)
      if (glance === undefined) continue
      const wantsStatus = this.#wantsMessages(name) && !this.#isSelected(name)
      if (wantsStatus && isTold) await this.#tellStatus(name)
      seen.set(name, { ...glance, status: wantsStatus && (isTold || glance.key === undefined) ? await this.#statusOf(name) : undefined })
    }
    this.#seen = seen
    if (!this.#wantsMessages('INBOX')) return
    this.#inbox = account.open('INBOX')
    this.#stopInbox = this.#inbox.listen(this.#wake)
  }

  /** Tell what has changed since. */
  async tell(): Promise<void> {
    if (this.#groups.length === 0) return
    const { account } = this.#session
    this.#tellSubscriptions()
    const names = account.list().filter((name) => this.#eventsOf(name).size > 0)
    const seen = new Map<string, Seen>()
    for (const name of names.slice(0, imapNotifyMailboxes)) {
      const now = await this.#look(name)
      if (now !== undefined) seen.set(name, now)
    }
    const before = this.#seen
    this.#seen = seen
    this.#tellNames(before, seen)
  }

  /** What the client wants to know of each message that has come (RFC 5465 §5.2). @param last - the highest UID before */
  async tellArrived(selected: Selected, last: number): Promise<void> {
    const items = this.selected?.items ?? []
    if (items.length === 0) return
    const answer = new FetchAnswer(this.#session, selected, items, new Set())
    const { view } = selected
    for (const uid of view.uids.subarray(view.firstFrom(last + 1) - 1)) {
      await answer.write(uid)
      await this.#session.breathe()
    }
  }

  /** A change of the mailbox that is selected now wakes the session, if it is to be told at once. */
  follow(): void {
    const mailbox = this.selected === undefined ? undefined : this.#session.selected?.mailbox
    if (mailbox === this.#followed) return
    this.#stopFollowing?.()
    this.#followed = mailbox
    this.#stopFollowing = mailbox?.listen(this.#wake)
  }

  end(): void {
    clearInterval(this.#timer)
    this.#stopFollowing?.()
    this.#stopInbox?.()
    if (this.#inbox !== undefined) this.#session.account.close(this.#inbox)
  }

  async #look(name: string): Promise<Seen | undefined> {
    const { account } = this.#session
    const glance = account.glance(name)
    const before = this.#seen.get(name)
    if (glance === undefined || !this.#wantsMessages(name)) return glance && { ...glance, status: undefined }
    if (before !== undefined && glance.key !== undefined && glance.key === before.key && glance.id === before.id) return before
    const status = await this.#statusOf(name)
    if (status === undefined) return undefined
    if (!this.#isSelected(name) && this.#isNews(name, before?.status, status)) await this.#tellStatus(name)
    return { ...glance, status }
  }

  /** Undefined if it cannot be seen now: it may be gone. */
  #statusOf(name: string): Promise<Status | undefined> {
    return this.#session.account.status(name).catch(() => undefined)
  }

  #isNews(name: string, before: Status | undefined, now: Status): boolean {
    if (before === undefined || before.messages !== now.messages || before.uidNext !== now.uidNext) return true
    if (before.uidValidity !== now.uidValidity) return true
    return this.#eventsOf(name).has('FLAGCHANGE') && (before.unseen !== now.unseen || before.highestModseq !== now.highestModseq)
  }

  async #tellStatus(name: string): Promise<void> {
    const items: StatusItem[] = ['MESSAGES', 'UIDNEXT', 'UIDVALIDITY', 'UNSEEN']
    if (this.#session.has('CONDSTORE')) items.push('HIGHESTMODSEQ')
    await writeStatus(this.#session, name, items).catch(() => undefined) // it may be gone
  }

  /** A mailbox that is gone, and one that has come in its directory, are one with another name. */
  #tellNames(before: ReadonlyMap<string, Seen>, now: ReadonlyMap<string, Seen>): void {
    const gone = [...before].filter(([name]) => !now.has(name) && this.#eventsOf(name).has('MAILBOXNAME'))
    const oldNames = new Map(gone.map(([name, { id }]) => [id, name]))
    for (const [name, { id }] of now) {
      if (before.has(name) || !this.#eventsOf(name).has('MAILBOXNAME')) continue
      const old = oldNames.get(id)
      oldNames.delete(id)
      this.#tellList('', name, old === undefined ? '' : ` ("OLDNAME" (${this.#session.show(old)}))`)
    }
    for (const name of oldNames.values()) this.#tellList('\\NonExistent', name)
  }

  #tellSubscriptions(): void {
    const now = this.#subscriptions()
    const before = this.#subscribed
    const changed = [...now, ...before].filter((name) => now.has(name) !== before.has(name))
    const told = changed.filter((name) => this.#eventsOf(name).has('SUBSCRIPTIONCHANGE'))
    this.#subscribed = now
    for (const name of told) this.#tellList(now.has(name) ? '\\Subscribed' : '', name)
  }

  #tellList(attributes: string, name: string, more = ''): void {
    this.#session.connection.put(`* LIST (${attributes}) "/" ${this.#session.show(name)}${more}\r\n`)
  }

  #subscriptions(): ReadonlySet<string> {
    return new Set(this.#session.account.subscriptions().map(canonicalName))
  }

  #wantsMessages(name: string): boolean {
    return messageEvents.some((event) => this.#eventsOf(name).has(event))
  }

  #isSelected(name: string): boolean {
    return this.#session.selected?.mailbox.name === name
  }

  #eventsOf(name: string): ReadonlySet<string> {
    return this.#groups.find((group) => this.#isOf(group, name))?.events ?? new Set()
  }

  #isOf({ filter, names }: Group, name: string): boolean {
    switch (filter) {
      case 'SUBSCRIBED':
        return this.#subscribed.has(name)
      case 'MAILBOXES':
        return names.has(name)
      case 'SUBTREE':
        return [...names].some((root) => name === root || name.startsWith(`${root}/`))
      default:
        return true // all mailboxes are personal, and mail may be delivered to each
    }
  }
}

function isOfSelected({ filter }: EventGroup): boolean {
  return filter.startsWith('SELECTED')
}
