/** FETCH and UID FETCH (RFC 9051 §6.4.5, RFC 3516, RFC 7162 §3.1.4, RFC 8970, RFC 8474). */
import { BadCommand, type Command, type FetchItem, type FetchRequest, NumberSet, parseFetch, takePartial } from '@yabumi/imapwire'
import { flagBits } from '@yabumi/mailfolder'
import { FetchAnswer } from '../fetchanswer.ts'
import { uidsOf } from '../messages.ts'
import type { Selected } from '../selected.ts'
import type { Session } from '../session.ts'
import { tellVanished } from '../vanished.ts'

export async function answerFetch(session: Session, { name, args }: Command): Promise<string> {
  const selected = session.needSelected()
  const request = parseFetch(args)
  const byUid = name === 'UID FETCH'
  if (request.vanished && !(byUid && session.has('QRESYNC'))) throw new BadCommand('VANISHED needs QRESYNC and UID FETCH')
  const items = itemsOf(request, byUid, session)
  let uids = uidsOf(selected, request.set, byUid, session.saved)
  const { changedSince } = request
  if (changedSince !== undefined) {
    if (request.vanished) tellVanished(session, selected, knownOf(request, selected), changedSince, true)
    uids = uids.filter((uid) => (selected.mailbox.state(uid)?.modseq ?? 0) > changedSince)
  }
  if (request.partial !== undefined) uids = takePartial(uids, request.partial)
  const seen = await markSeen(selected, uids, items)
  const answer = new FetchAnswer(session, selected, items, seen)
  for (const uid of uids) {
    const writing = answer.write(uid)
    if (writing !== undefined) await writing
    if (session.isTired) await session.breathe()
  }
  selected.mailbox.flush()
  session.known = new Set(items.some((item) => item.item === 'simple' && item.name === 'FLAGS') ? uids : seen)
  if (answer.trouble !== undefined) throw answer.trouble
  return answer.hasGone ? '[EXPUNGEISSUED] some are gone' : 'that is all'
}

function knownOf({ set }: FetchRequest, { mailbox }: Selected): NumberSet {
  const most = mailbox.uidNext - 1
  if (set === 'saved') return NumberSet.range(1, most)
  return NumberSet.ofRanges(set.ranges.map(([a, b]) => [Math.min(a || most, b || most), Math.max(a || most, b || most)]))
}

/** Each item once, UID and MODSEQ where they must be. */
function itemsOf({ items, changedSince }: FetchRequest, byUid: boolean, session: Session): FetchItem[] {
  const names = new Set(items.flatMap((item) => (item.item === 'simple' ? [item.name] : [])))
  if (byUid) names.add('UID')
  if (names.has('MODSEQ') || changedSince !== undefined) session.enable('CONDSTORE')
  if (changedSince !== undefined || (session.has('CONDSTORE') && names.has('FLAGS'))) names.add('MODSEQ')
  if (session.has('QRESYNC') && names.has('FLAGS')) names.add('UID')
  const first = ['UID', 'MODSEQ', 'FLAGS', 'INTERNALDATE', 'RFC822.SIZE'].filter((name) => names.delete(name))
  const simple = [...first, ...names].map((name) => ({ item: 'simple', name }) as const)
  const others = items.filter((item) => item.item !== 'simple')
  return [...simple, ...new Map(others.map((item) => [JSON.stringify(item), item])).values()]
}

/** @returns UIDs of those that are \Seen by this */
async function markSeen({ mailbox, view }: Selected, uids: readonly number[], items: readonly FetchItem[]): Promise<Set<number>> {
  if (!view.readWrite || !items.some(marksSeen)) return new Set()
  const unseen = uids.filter((uid) => ((mailbox.state(uid)?.flags ?? flagBits.seen) & flagBits.seen) === 0)
  if (unseen.length === 0) return new Set()
  const { changed } = await mailbox.store(unseen, { how: 'add', flags: flagBits.seen, keywords: [] })
  return new Set(changed)
}

function marksSeen(item: FetchItem): boolean {
  if (item.item === 'body' || item.item === 'binary') return !item.peek
  return item.item === 'simple' && (item.name === 'RFC822' || item.name === 'RFC822.TEXT')
}
