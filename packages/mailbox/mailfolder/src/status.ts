/** Counts of one mailbox, as STATUS tells them. */
import { flagBits } from './filename.ts'
import type { Mailbox } from './mailbox.ts'

export interface Status {
  readonly messages: number
  readonly recent: number
  readonly unseen: number
  readonly deleted: number
  readonly uidNext: number
  readonly uidValidity: number
  readonly highestModseq: number
  readonly mailboxId: string
}

/** What a mailbox's table says now. */
export function statusOf(mailbox: Mailbox): Status {
  const { table, firstRecent } = mailbox.folder
  let [recent, unseen, deleted] = [0, 0, 0]
  for (let index = 0; index < table.count; index += 1) {
    const flags = table.get('flags', index)
    if (table.uidAt(index) >= firstRecent) recent += 1
    if ((flags & flagBits.seen) === 0) unseen += 1
    if ((flags & flagBits.deleted) !== 0) deleted += 1
  }
  const { uidNext, uidValidity, highestModseq, mailboxId, count } = mailbox
  return { messages: count, recent, unseen, deleted, uidNext, uidValidity, highestModseq, mailboxId }
}
