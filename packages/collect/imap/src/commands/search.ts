/** SEARCH, SORT, THREAD and their UID forms (RFC 9051 §6.4.4, RFC 5256, RFC 5182). */
import {
  asksForModseq,
  compileSearch,
  type SearchContext,
  savedOf,
  sortMessages,
  threadMessages,
  writeSearchAnswer,
  writeThreads,
} from '@yabumi/imapsearch'
import {
  type Command,
  NumberSet,
  parseSearch,
  parseSort,
  parseThread,
  RefusedCommand,
  type SearchKey,
  type SearchRequest,
  savesResult,
} from '@yabumi/imapwire'
import { Found } from '../found.ts'
import type { Selected } from '../selected.ts'
import type { Session } from '../session.ts'

/** Fields that SORT and THREAD compare. */
const compared = ['CC', 'DATE', 'FROM', 'IN-REPLY-TO', 'MESSAGE-ID', 'REFERENCES', 'SUBJECT', 'TO']

export async function answerSearch(session: Session, { tag, name, args }: Command): Promise<string> {
  const selected = session.needSelected()
  const request = withSaved(session, args, () => parseSearch(args))
  const found = await find(session, selected, request.key)
  const uid = name.startsWith('UID ')
  tellFound(session, { tag, uid, kind: 'SEARCH', found, request })
  return 'that is all'
}

export async function answerSort(session: Session, { tag, name, args }: Command): Promise<string> {
  const selected = session.needSelected()
  const request = withSaved(session, args, () => parseSort(args))
  const found = await find(session, selected, request.key)
  for (const message of found) await load(session, message)
  const uid = name.startsWith('UID ')
  tellFound(session, { tag, uid, kind: 'SORT', found: sortMessages(found, request.criteria), request })
  return 'that is all'
}

export async function answerThread(session: Session, { name, args }: Command): Promise<string> {
  const selected = session.needSelected()
  const { algorithm, key } = parseThread(args)
  const found = await find(session, selected, key)
  for (const message of found) await load(session, message)
  const byUid = name.startsWith('UID ')
  const threads = writeThreads(threadMessages(found, algorithm), ({ uid, number }) => (byUid ? uid : number))
  session.connection.put(`* THREAD${threads === '' ? '' : ` ${threads}`}\r\n`)
  return 'that is all'
}

/** A search that is refused leaves nothing in `$` where it would have filled it (RFC 5182 §2.1). */
function withSaved<T>(session: Session, args: Command['args'], parse: () => T): T {
  try {
    return parse()
  } catch (error) {
    if (error instanceof RefusedCommand && savesResult(args)) session.saved = NumberSet.empty
    throw error
  }
}

async function load(session: Session, message: Found): Promise<void> {
  await message.loadIndex()
  await message.loadFields(compared)
  await session.breathe()
}

async function find(session: Session, selected: Selected, key: SearchKey): Promise<Found[]> {
  const { view } = selected
  const context: SearchContext = {
    exists: view.count,
    lastUid: view.uids.at(-1) ?? 0,
    savedNumbers: NumberSet.ofSorted([...session.saved].map((uid) => view.sequenceOf(uid)).filter((number) => number > 0)),
    savedUids: session.saved,
    nowSeconds: Math.floor(Date.now() / 1000),
  }
  if (asksForModseq(key)) session.enable('CONDSTORE')
  const program = compileSearch(key, context)
  const found: Found[] = []
  for (let number = 1; number <= view.count; number += 1) {
    const message = new Found(session, selected, number)
    if (await message.isMatch(program)) found.push(message)
    await session.breathe()
  }
  return found
}

interface Answer {
  readonly tag: string
  readonly uid: boolean
  readonly kind: 'SEARCH' | 'SORT'
  readonly found: readonly Found[]
  readonly request: SearchRequest
}

function tellFound(session: Session, { tag, uid, kind, found, request: { key, results } }: Answer): void {
  const numbers = found.map((message) => (uid ? message.uid : message.number))
  const modseq = asksForModseq(key) ? Math.max(0, ...found.map((message) => message.modseq)) : undefined
  const rev2 = session.has('IMAP4REV2')
  const line = writeSearchAnswer({ tag, uid, found: numbers, kind, results, rev2, modseq })
  if (line !== undefined) session.connection.put(`* ${line}\r\n`)
  if (results?.save)
    session.saved = savedOf(
      found.map((message) => message.uid).sort((a, b) => a - b),
      results,
    )
}
