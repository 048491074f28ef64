/** SELECT, EXAMINE, CLOSE, UNSELECT (RFC 9051 §6.3.2, §6.3.3, §6.4.1, §6.4.2; RFC 7162 §3.2.5). */
import { Arguments, BadCommand, type Command, NumberSet, parseSelect, type QresyncRequest, resolveSet } from '@yabumi/imapwire'
import { flagBits, View } from '@yabumi/mailfolder'
import { tellFlags, tellKeywords } from '../news.ts'
import { uidRequired } from '../numbers.ts'
import { Selected } from '../selected.ts'
import type { Session } from '../session.ts'
import { tellVanished } from '../vanished.ts'

export async function answerSelect(session: Session, { args, name }: Command): Promise<string> {
  const { mailbox: written, condstore, qresync } = parseSelect(args)
  if (qresync !== undefined && !session.has('QRESYNC')) throw new BadCommand('QRESYNC is not enabled')
  if (qresync?.sequence !== undefined && session.has('UIDONLY')) throw new BadCommand(uidRequired)
  if (condstore) session.enable('CONDSTORE')
  session.unselect()
  const mailbox = session.account.open(session.nameOf(written))
  try {
    await mailbox.sync()
    const view = new View(mailbox, name === 'SELECT')
    session.selected = new Selected(mailbox, view)
  } catch (error) {
    session.account.close(mailbox)
    throw error
  }
  await mailbox.sync()
  session.selected.view.news(true)
  tellState(session, session.selected)
  if (qresync !== undefined) tellChanges(session, session.selected, qresync)
  return `[${session.selected.view.readWrite ? 'READ-WRITE' : 'READ-ONLY'}] it is selected`
}

function tellState(session: Session, selected: Selected): void {
  const { connection } = session
  const { mailbox, view } = selected
  const isOld = !session.has('IMAP4REV2')
  tellKeywords(session, selected, true)
  connection.put(`* ${view.count} EXISTS\r\n`)
  if (isOld) connection.put(`* ${view.recentCount} RECENT\r\n`)
  const unseen = isOld && !session.has('UIDONLY') ? firstUnseen(selected) : 0
  if (unseen > 0) connection.put(`* OK [UNSEEN ${unseen}] the first that is not seen\r\n`)
  connection.put(`* OK [UIDVALIDITY ${mailbox.uidValidity}] UIDs are good\r\n`)
  connection.put(`* OK [UIDNEXT ${mailbox.uidNext}] the next UID\r\n`)
  connection.put(`* OK [HIGHESTMODSEQ ${mailbox.highestModseq}] the last change\r\n`)
  connection.put(`* OK [MAILBOXID (${mailbox.mailboxId})] its id\r\n`)
  if (session.has('IMAP4REV2')) connection.put(`* LIST () "/" ${session.show(mailbox.name)}\r\n`)
}

function firstUnseen({ mailbox, view }: Selected): number {
  return [...view.uids].findIndex((uid) => ((mailbox.state(uid)?.flags ?? flagBits.seen) & flagBits.seen) === 0) + 1
}

/** What a client has missed that was away. */
function tellChanges(session: Session, selected: Selected, { uidValidity, modseq, knownUids, sequence }: QresyncRequest): void {
  const { mailbox, view } = selected
  if (uidValidity !== mailbox.uidValidity) return
  const known = knownUids === undefined ? NumberSet.range(1, mailbox.uidNext - 1) : resolveSet(knownUids, mailbox.uidNext, NumberSet.empty)
  const sure = sequence === undefined ? 0 : lastMatch(selected, sequence)
  tellVanished(session, selected, known.without(NumberSet.range(1, sure)), modseq, true)
  for (const uid of view.uids) {
    if (known.has(uid) && (mailbox.state(uid)?.modseq ?? 0) > modseq) tellFlags(session, selected, uid, true)
  }
}

/** The highest UID up to which the client's message numbers are still right: nothing is gone below. */
function lastMatch({ view }: Selected, { numbers, uids }: NonNullable<QresyncRequest['sequence']>): number {
  let last = 0
  const theirs = resolveSet(uids, 0, NumberSet.empty)[Symbol.iterator]()
  for (const number of resolveSet(numbers, 0, NumberSet.empty)) {
    const uid = theirs.next().value as number | undefined
    if (uid === undefined || number > view.count || view.uidOf(number) !== uid) break
    last = uid
  }
  return last
}

export async function answerClose(session: Session, { args }: Command): Promise<string> {
  new Arguments(args).end()
  const { mailbox, view } = session.needSelected()
  if (view.readWrite) {
    const deleted = [...view.uids].filter((uid) => ((mailbox.state(uid)?.flags ?? 0) & flagBits.deleted) !== 0)
    await mailbox.expunge(deleted)
  }
  const modseq = session.has('QRESYNC') && view.readWrite ? `[HIGHESTMODSEQ ${mailbox.highestModseq}] ` : ''
  session.unselect(false)
  return `${modseq}closed`
}

export async function answerUnselect(session: Session, { args }: Command): Promise<string> {
  new Arguments(args).end()
  session.needSelected()
  session.unselect(false)
  return 'left'
}
