/** COPY, MOVE and their UID forms (RFC 9051 §6.4.7, §6.4.8, RFC 4315). */
import { Arguments, type Command, NumberSet, parseSequenceSet, RefusedCommand } from '@yabumi/imapwire'
import { Refusal } from '@yabumi/mailfolder'
import { uidsOf } from '../messages.ts'
import type { Session } from '../session.ts'

export async function answerCopy(session: Session, { name, args }: Command): Promise<string> {
  const moves = name.endsWith('MOVE')
  const selected = moves ? session.needWritable() : session.needSelected()
  const words = new Arguments(args)
  const set = parseSequenceSet(words.keyword('messageset'))
  const target = session.nameOf(words.astring('mailbox name'))
  words.end()
  const uids = uidsOf(selected, set, name.startsWith('UID '), session.saved)
  return withTarget(session, target, async (to) => {
    if (uids.length === 0) return 'there was nothing to do'
    await to.sync()
    const copies = moves ? await selected.mailbox.move(uids, to) : await selected.mailbox.copy(uids, to)
    const code = `[COPYUID ${to.uidValidity} ${NumberSet.ofSorted(uids)} ${NumberSet.of(copies)}]`
    if (!moves) return `${code} copied`
    session.connection.put(`* OK ${code} moved\r\n`)
    return 'moved'
  })
}

/** Do something with the mailbox that messages shall go to. @throws RefusedCommand TRYCREATE if there is none */
export async function withTarget<T>(session: Session, name: string, work: Parameters<typeof session.withMailbox<T>>[1]): Promise<T> {
  if (!session.account.exists(name)) throw new RefusedCommand('there is no such mailbox', 'TRYCREATE')
  try {
    return await session.withMailbox(name, work)
  } catch (error) {
    if (error instanceof Refusal && error.code === 'NONEXISTENT') throw new RefusedCommand(error.message, 'TRYCREATE')
    throw error
  }
}
