/**
 * Untagged answers about the selected mailbox: what has changed in it (RFC 9051 §7.5, RFC 7162 §3.2.10).
 *
 * First flags, then what is gone from the highest number down, then EXISTS and RECENT.
 */
import { NumberSet, writeFlags } from '@yabumi/imapwire'
import { systemFlagWords } from '@yabumi/mailfolder'
import type { Connection } from './connection.ts'
import type { Selected } from './selected.ts'

/** Whom news are told: a session. */
export interface Audience {
  readonly connection: Connection
  readonly selected: Selected | undefined
  /** Whether the client has enabled something. */
  has(name: string): boolean
  /** Messages are gone, and the client knows it. */
  forget(uids: readonly number[]): void
}

/** How a command lets news be told. */
export interface Telling {
  /** Message numbers may change now. */
  readonly mayExpunge: boolean
  /** FETCH answers have the UID. */
  readonly uid: boolean
  /** UIDs whose flags the client has just heard, or does not want to hear. */
  readonly known?: ReadonlySet<number> | undefined
  /** Events that the client wants to hear of (RFC 5465); undefined for all. EXPUNGE is always told. */
  readonly events?: ReadonlySet<string> | undefined
}

/** All system flags. */
export const systemFlags: string = systemFlagWords(0xff).join(' ')

/** Tell everything that is new; the mailbox was looked at. */
export function tellNews(session: Audience, { mayExpunge, uid, known, events }: Telling): void {
  const { selected, connection } = session
  if (selected === undefined) return
  const { changed, expunged, exists, recent } = selected.view.news(mayExpunge)
  tellKeywords(session, selected)
  const hearsFlags = events?.has('FLAGCHANGE') !== false
  for (const each of changed) if (hearsFlags && known?.has(each) !== true) tellFlags(session, selected, each, uid)
  if (expunged.length > 0 && (session.has('QRESYNC') || session.has('UIDONLY')))
    connection.put(`* VANISHED ${NumberSet.of(expunged.map((gone) => gone.uid))}\r\n`)
  else for (const { sequence } of expunged) connection.put(`* ${sequence} EXPUNGE\r\n`)
  if (exists !== undefined) selected.owesExists = true
  const hearsMessages = events?.has('MESSAGENEW') !== false
  if (hearsMessages && selected.owesExists) {
    connection.put(`* ${selected.view.count} EXISTS\r\n`)
    selected.owesExists = false
  }
  if (hearsMessages && recent !== undefined && !session.has('IMAP4REV2')) connection.put(`* ${recent} RECENT\r\n`)
  session.forget(expunged.map((gone) => gone.uid))
}

/** How an answer of FETCH begins: with its number, or where the client wants no numbers with its UID (RFC 9586). */
export function fetchHead(session: Audience, selected: Selected, uid: number): string {
  return session.has('UIDONLY') ? `* ${uid} UIDFETCH (` : `* ${selected.view.sequenceOf(uid)} FETCH (`
}

/** The flags of one message, as an answer of FETCH. */
export function tellFlags(session: Audience, selected: Selected, uid: number, withUid: boolean): void {
  const items = [
    ...(withUid || session.has('QRESYNC') ? [`UID ${uid}`] : []),
    `FLAGS (${selected.flagsOf(uid)})`,
    ...(session.has('CONDSTORE') ? [`MODSEQ (${selected.mailbox.modseqOf(uid)})`] : []),
  ]
  session.connection.put(`${fetchHead(session, selected, uid)}${items.join(' ')})\r\n`)
}

/** FLAGS and PERMANENTFLAGS, if there is a keyword that the client has not heard of. @param always - in any case, as SELECT does */
export function tellKeywords({ connection }: Audience, selected: Selected, always = false): void {
  const { mailbox, view } = selected
  const keywords = mailbox.keywords.map((keyword) => ` ${keyword}`).join('')
  if (keywords === selected.keywords && !always) return
  selected.keywords = keywords
  connection.put(`* FLAGS (${systemFlags}${keywords})\r\n`)
  const permanent = view.readWrite ? writeFlags([`${systemFlags}${keywords}`, '\\*']) : '()'
  connection.put(`* OK [PERMANENTFLAGS ${permanent}] flags that stay\r\n`)
}
