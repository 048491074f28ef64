/** SEARCH, SORT, THREAD and their UID forms (RFC 9051 §6.4.4, RFC 5256, RFC 5182). */
import {
  asksForModseq,
  asksForNumbers,
  compileSearch,
  savedOf,
  sortMessages,
  threadMessages,
  writeSearchAnswer,
  writeThreads,
} from '@yabumi/imapsearch'
import {
  Arguments,
  BadCommand,
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
import { type KeptSearch, searchContext } from '../contexts.ts'
import { Found } from '../found.ts'
import { uidRequired } from '../numbers.ts'
import type { Selected } from '../selected.ts'
import type { Session } from '../session.ts'

/** Fields that THREAD compares. */
const threading = ['DATE', 'IN-REPLY-TO', 'MESSAGE-ID', 'REFERENCES', 'SUBJECT']

export async function answerSearch(session: Session, { tag, name, args }: Command): Promise<string> {
  const selected = session.needSelected()
  const request = withSaved(session, args, () => parseSearch(args))
  const found = await find(session, selected, request.key)
  const uid = name.startsWith('UID ')
  if (request.results?.update) keep(session, selected, { tag, uid, key: request.key, criteria: undefined, found })
  tellFound(session, { tag, uid, kind: 'SEARCH', found, request })
  return 'that is all'
}

export async function answerSort(session: Session, { tag, name, args }: Command): Promise<string> {
  const selected = session.needSelected()
  const request = withSaved(session, args, () => parseSort(args))
  const found = await find(session, selected, request.key)
  await load(
    session,
    found,
    request.criteria.map(({ field }) => field),
  )
  const uid = name.startsWith('UID ')
  const sorted = sortMessages(found, request.criteria)
  if (request.results?.update) keep(session, selected, { tag, uid, key: request.key, criteria: request.criteria, found: sorted })
  tellFound(session, { tag, uid, kind: 'SORT', found: sorted, request })
  return 'that is all'
}

export async function answerThread(session: Session, { name, args }: Command): Promise<string> {
  const selected = session.needSelected()
  const { algorithm, key } = parseThread(args)
  const found = await find(session, selected, key)
  await load(session, found, threading)
  const byUid = name.startsWith('UID ')
  const threads = writeThreads(threadMessages(found, algorithm), ({ uid, number }) => (byUid ? uid : number))
  session.connection.put(`* THREAD${threads === '' ? '' : ` ${threads}`}\r\n`)
  return 'that is all'
}

export async function answerCancelUpdate(session: Session, { args }: Command): Promise<string> {
  const words = new Arguments(args)
  const tags: string[] = []
  do tags.push(words.astring('tag'))
  while (!words.atEnd)
  if (tags.map((tag) => session.contexts.cancel(tag)).includes(false)) throw new RefusedCommand('there is no search with that tag')
  return 'no more updates'
}

/** What cannot be kept up to date is told to be so, and answered once (RFC 5267 §4.3.2). */
function keep(session: Session, selected: Selected, search: KeptSearch): void {
  if (session.contexts.keep(session, selected, search)) return
  session.connection.put(`* NO [NOUPDATE "${search.tag}"] there are too many searches with updates\r\n`)
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

/** @param compared - as of Found.load() */
async function load(session: Session, found: readonly Found[], compared: readonly string[]): Promise<void> {
  for (const [at, message] of found.entries()) {
    if (!message.loadNow(compared)) await message.load(compared)
    if (session.isTired) await session.breathe(at, found.length)
  }
  session.selected?.mailbox.flush()
}

async function find(session: Session, selected: Selected, key: SearchKey): Promise<Found[]> {
  const { view } = selected
  if (session.has('UIDONLY') && asksForNumbers(key)) throw new BadCommand(uidRequired)
  if (asksForModseq(key)) session.enable('CONDSTORE')
  const program = compileSearch(key, searchContext(selected, session.saved))
  selected.mailbox.heed()
  const found: Found[] = []
  for (let number = 1; number <= view.count; number += 1) {
    const message = new Found(session.reader, selected, number)
    if (message.matchesNow(program) ?? (await message.isMatch(program))) found.push(message)
    if (session.isTired) await session.breathe(number, view.count)
  }
  selected.mailbox.flush()
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
