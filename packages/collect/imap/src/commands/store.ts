/** STORE and UID STORE (RFC 9051 §6.4.6, RFC 7162 §3.1.3). */
import { type Command, NumberSet, parseStore } from '@yabumi/imapwire'
import { systemFlagBit } from '@yabumi/mailfolder'
import { uidsOf } from '../messages.ts'
import { fetchHead, tellFlags, tellKeywords } from '../news.ts'
import type { Session } from '../session.ts'

export async function answerStore(session: Session, { name, args }: Command): Promise<string> {
  const selected = session.needWritable()
  const { mailbox, view } = selected
  const { set, unchangedSince, how, silent, flags } = parseStore(args)
  const byUid = name === 'UID STORE'
  const uids = uidsOf(selected, set, byUid, session.saved)
  if (unchangedSince !== undefined) session.enable('CONDSTORE')
  const bits = flags.system.reduce((all, flag) => all | systemFlagBit(flag), 0)
  const { changed, modified, gone } = await mailbox.store(uids, { how, flags: bits, keywords: flags.keywords }, unchangedSince)
  tellKeywords(session, selected)
  const left = new Set([...modified, ...gone])
  const done = uids.filter((uid) => !left.has(uid))
  if (!silent) for (const uid of changed) tellFlags(session, selected, uid, byUid)
  else if (session.has('CONDSTORE')) {
    for (const uid of changed) {
      const items = [...(byUid || session.has('QRESYNC') ? [`UID ${uid}`] : []), `MODSEQ (${mailbox.modseqOf(uid)})`]
      session.connection.put(`${fetchHead(session, selected, uid)}${items.join(' ')})\r\n`)
    }
  }
  session.known = new Set(done)
  const failed = unchangedSince === undefined ? modified : [...modified, ...gone]
  if (failed.length === 0) return 'done'
  return `[MODIFIED ${NumberSet.of(byUid ? failed : failed.map((uid) => view.sequenceOf(uid)))}] some had changed`
}
