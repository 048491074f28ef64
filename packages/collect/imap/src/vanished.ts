/** VANISHED (EARLIER): which messages are gone since a modseq (RFC 7162 §3.2.5.1, §3.2.6). */
import { NumberSet } from '@yabumi/imapwire'
import type { Selected } from './selected.ts'
import type { Session } from './session.ts'

/**
 * Tell which UIDs of a set are gone since then. Where nobody knows any more, that is every one without a message.
 *
 * @param known - UIDs that the client may have
 */
export function tellVanished(session: Session, { mailbox, view }: Selected, known: NumberSet, modseq: number, earlier: boolean): void {
  const ranges = mailbox.goneAfter(modseq)
  const all =
    ranges === undefined ? NumberSet.range(1, mailbox.uidNext - 1) : NumberSet.ofRanges(ranges.map(({ first, last }) => [first, last]))
  const gone = all.intersection(known).without(NumberSet.ofSorted(view.uids))
  if (!gone.isEmpty) session.connection.put(`* VANISHED${earlier ? ' (EARLIER)' : ''} ${gone}\r\n`)
}
