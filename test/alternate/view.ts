/** What a server shows of a user's mailboxes, in a form that can be compared. */
import type { ImapClient } from '../support/imapclient.ts'

export interface MailboxView {
  readonly validity: string
  /** UID of each message, by what it says of itself. */
  readonly uids: ReadonlyMap<string, number>
  /** Flags and keywords, in lower case and in order, by UID. */
  readonly flags: ReadonlyMap<number, string>
}

const again = ' again, UID ' // a copy

/** The message that an entry of a view is, be it the first one or a copy. */
export function messageIn(id: string): string {
  return id.split(again)[0] as string
}

/** All of a mailbox that a session has just selected, or has selected for long. */
export async function viewOf(client: ImapClient, validity: string): Promise<MailboxView> {
  for (let look = 0; look < 2; look += 1) await client.must('NOOP') // a file seen twice gets its own name at the second look
  const uids = new Map<string, number>()
  const flags = new Map<number, string>()
  for (const items of await client.fetch('UID FETCH 1:* (UID FLAGS BODY.PEEK[HEADER.FIELDS (X-Id)])')) {
    const body = items.get('BODY[HEADER.FIELDS (X-ID)]')
    if (body === undefined) continue // flags that somebody has changed meanwhile
    const uid = Number(items.get('UID'))
    const id = /X-Id: (\S+)/i.exec(String(body))?.[1] ?? `without a name, UID ${uid}`
    uids.set(uids.has(id) ? `${id}${again}${uid}` : id, uid)
    flags.set(uid, flagsOf(items.get('FLAGS')))
  }
  return { validity, uids, flags }
}

function flagsOf(words: unknown): string {
  const names = Array.isArray(words) ? words.map((word) => String(word).toLowerCase()) : []
  return names
    .filter((name) => name !== '\\recent')
    .sort()
    .join(' ')
}

/** @returns UIDVALIDITY */
export async function select(client: ImapClient, mailbox: string): Promise<string> {
  const { untagged } = await client.must(`SELECT ${mailbox}`)
  return /UIDVALIDITY (\d+)/.exec(untagged.join('\n'))?.[1] ?? 'none'
}

/** Names of subscribed mailboxes, in order. */
export async function subscriptionsOf(client: ImapClient): Promise<string[]> {
  const { untagged } = await client.must('LSUB "" *')
  return untagged.map((line) => line.split(' ').at(-1)?.replaceAll('"', '') ?? '').sort()
}

/** In what two servers differ, a text each. */
export function differences(what: string, [a, b]: readonly [MailboxView, MailboxView], [left, right]: readonly [string, string]): string[] {
  const found: string[] = []
  if (a.validity !== b.validity) found.push(`${what}: UIDVALIDITY ${a.validity} at ${left}, ${b.validity} at ${right}`)
  const show = (view: MailboxView, id: string): string => {
    const uid = view.uids.get(id)
    return uid === undefined ? 'nothing' : `UID ${uid} (${view.flags.get(uid)})`
  }
  for (const id of new Set([...a.uids.keys(), ...b.uids.keys()])) {
    if (show(a, id) !== show(b, id)) found.push(`${what}: message ${id} is ${show(a, id)} at ${left}, ${show(b, id)} at ${right}`)
  }
  return found
}
