/** STATUS, also as a part of LIST (RFC 9051 §6.3.11, RFC 5819, RFC 8438). */
import { Arguments, BadCommand, type Command, parseStatusItems, type StatusItem } from '@yabumi/imapwire'
import { imapMessageBytes } from '@yabumi/limits'
import type { Mailbox, Status } from '@yabumi/mailfolder'
import { flagBits } from '@yabumi/mailfolder'
import type { Session } from '../session.ts'

export async function answerStatus(session: Session, { args }: Command): Promise<string> {
  const words = new Arguments(args)
  const name = session.nameOf(words.astring('mailbox name'))
  const items = parseStatusItems(words.list('status items'))
  words.end()
  if (items.includes('DELETED') && !session.has('IMAP4REV2')) throw new BadCommand('DELETED needs IMAP4rev2')
  await writeStatus(session, name, items)
  const isSelected = session.selected?.mailbox.name === name
  return `${isSelected ? '[CLIENTBUG] ' : ''}that is all`
}

/** An answer STATUS. @throws Refusal NONEXISTENT */
export async function writeStatus(session: Session, name: string, items: readonly StatusItem[]): Promise<void> {
  if (items.includes('HIGHESTMODSEQ')) session.enable('CONDSTORE')
  const status = await session.account.status(name)
  await session.withMailbox(name, async (mailbox) => {
    const values: string[] = []
    for (const item of items) values.push(`${item} ${await statusValue(item, status, mailbox)}`)
    session.connection.put(`* STATUS ${session.show(name)} (${values.join(' ')})\r\n`)
  })
}

async function statusValue(item: StatusItem, status: Status, mailbox: Mailbox): Promise<string | number> {
  switch (item) {
    case 'MESSAGES':
      return status.messages
    case 'RECENT':
      return status.recent
    case 'UIDNEXT':
      return status.uidNext
    case 'UIDVALIDITY':
      return status.uidValidity
    case 'UNSEEN':
      return status.unseen
    case 'HIGHESTMODSEQ':
      return status.highestModseq
    case 'DELETED':
      return status.deleted
    case 'MAILBOXID':
      return `(${status.mailboxId})`
    case 'APPENDLIMIT':
      return imapMessageBytes
    case 'SIZE':
      return sizeOf(mailbox, () => true)
    case 'DELETED-STORAGE':
      return sizeOf(mailbox, (uid) => ((mailbox.state(uid)?.flags ?? 0) & flagBits.deleted) !== 0)
  }
}

async function sizeOf(mailbox: Mailbox, counts: (uid: number) => boolean): Promise<number> {
  let size = 0
  for (const uid of mailbox.uids()) if (counts(uid)) size += (await mailbox.wireSize(uid)) ?? 0
  return size
}
