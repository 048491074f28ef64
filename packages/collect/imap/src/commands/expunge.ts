/** EXPUNGE and UID EXPUNGE (RFC 9051 §6.4.3, RFC 4315 §2.1). */
import { Arguments, type Command, parseSequenceSet } from '@yabumi/imapwire'
import { flagBits } from '@yabumi/mailfolder'
import { uidsOf } from '../messages.ts'
import type { Session } from '../session.ts'

export async function answerExpunge(session: Session, { name, args }: Command): Promise<string> {
  const selected = session.needWritable()
  const words = new Arguments(args)
  const set = name === 'UID EXPUNGE' ? parseSequenceSet(words.keyword('UID set')) : undefined
  words.end()
  const { mailbox, view } = selected
  const asked = set === undefined ? [...view.uids] : uidsOf(selected, set, true, session.saved)
  const deleted = asked.filter((uid) => ((mailbox.state(uid)?.flags ?? 0) & flagBits.deleted) !== 0)
  const gone = await mailbox.expunge(deleted)
  return session.has('QRESYNC') && gone.length > 0 ? `[HIGHESTMODSEQ ${mailbox.highestModseq}] expunged` : 'expunged'
}
