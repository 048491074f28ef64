/**
 * Sessions that rest: what is kept of one while no process serves it, and how it goes on.
 *
 * Bound   parkedStateBytes of state; a session that would need more is served on
 */
import { NumberSet } from '@yabumi/imapwire'
import { parkedStateBytes } from '@yabumi/limits'
import { type MailAccount, type ParkedView, Refusal, View } from '@yabumi/mailfolder'
import { copyDescriptor } from '@yabumi/posix'
import type { Connection } from './connection.ts'
import { Selected } from './selected.ts'

/** A session that rests. Descriptors are the taker's. */
export interface Parked {
  /** For who goes on with it: a text without NUL. */
  readonly state: string
  readonly connection: number
  /** Becomes readable when the client has to be told something. */
  readonly bell: number | undefined
  readonly signOfLife: string
  readonly lastWord: string
}

/** What of a session may rest. */
export interface Guest {
  readonly connection: Connection
  readonly account: MailAccount
  readonly resting: Resting
  readonly enabled: readonly string[]
  readonly isEnding: boolean
  /** What only a process can give, if the client has asked for it. */
  readonly notify: unknown
  readonly contexts: { readonly isEmpty: boolean }
  selected: Selected | undefined
  saved: NumberSet
  enable(name: string): boolean
  leave(lastWord: string): void
}

/** How a session rests. */
export class Resting {
  /** Whether somebody takes sessions that rest. */
  mayBegin: () => boolean = () => false
  /** It rests from now on: nothing is said to the client any more. */
  parked: Parked | undefined
  /** The command IDLE goes on that was begun before. */
  goesOn = false
}

interface State {
  /** Of the command IDLE, if it is in one. */
  readonly idle: string | undefined
  readonly enabled: readonly string[]
  readonly selected: { readonly name: string; readonly keywords: string; readonly view: ParkedView } | undefined
  readonly saved: readonly (readonly [number, number])[]
}

const lastWord = '* BYE [UNAVAILABLE] the session ends here, log in again\r\n'
/** What a client in IDLE hears from time to time. */
export const stillHere = '* OK Still here\r\n'

/** Have a session rest, if nothing is under way. @param idle - tag of the command IDLE that it is in. @returns whether it rests now */
export async function rest(session: Guest, idle?: string): Promise<boolean> {
  const { resting, notify, contexts } = session
  if (notify === undefined && contexts.isEmpty && resting.mayBegin()) resting.parked = await park(session, idle)
  return resting.parked !== undefined
}

/** @returns undefined if it has to be served on */
async function park(session: Guest, idle: string | undefined): Promise<Parked | undefined> {
  const { selected, connection } = session
  try {
    const bell = idle === undefined ? undefined : selected?.mailbox.bell()
    await selected?.mailbox.sync()
    const view = selected?.view.park()
    if (selected !== undefined && view === undefined) return undefined
    const state: State = {
      idle,
      enabled: session.enabled,
      selected: selected && view && { name: selected.mailbox.name, keywords: selected.keywords, view },
      saved: [...session.saved.ranges()],
    }
    const text = Buffer.from(JSON.stringify(state)).toString('base64')
    const fd = text.length > parkedStateBytes || session.isEnding ? undefined : connection.giveAway()
    if (fd === undefined) return undefined
    const copy = bell === undefined ? undefined : copyDescriptor(bell) // the mailbox gets another one when this has rung
    return { state: text, connection: fd, bell: copy, signOfLife: idle === undefined ? '' : stillHere, lastWord }
  } catch {
    return undefined // no bell to be had, or the mailbox is in trouble, which its next command tells
  }
}

/** Go on with a session; one that cannot go on ends. @returns the tag of the command IDLE that it is in */
export async function unpark(session: Guest, text: string): Promise<string | undefined> {
  const { idle, enabled, selected, saved } = JSON.parse(Buffer.from(text, 'base64').toString('utf8')) as State
  try {
    for (const name of enabled) session.enable(name)
    session.saved = NumberSet.ofRanges(saved)
    if (selected !== undefined) await select(session, selected)
    return idle
  } catch (error) {
    const why = error instanceof Refusal ? error.message : 'the mailbox cannot be opened now'
    session.leave(`* BYE [UNAVAILABLE] ${why}\r\n`)
    return undefined
  }
}

/** @throws Refusal; the system's error */
async function select(session: Guest, { name, keywords, view }: NonNullable<State['selected']>): Promise<void> {
  const mailbox = session.account.open(name)
  try {
    await mailbox.sync()
    session.selected = new Selected(mailbox, new View(mailbox, view.readWrite, view))
    session.selected.keywords = keywords
  } catch (error) {
    session.account.close(mailbox)
    throw error
  }
}
