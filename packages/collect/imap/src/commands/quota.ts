/** GETQUOTA and GETQUOTAROOT (RFC 9208): one root for all mailboxes, in units of 1,024 bytes. */
import { Arguments, type Command, RefusedCommand } from '@yabumi/imapwire'
import type { Session } from '../session.ts'

const root = '"User quota"'

export async function answerGetQuotaRoot(session: Session, { args }: Command): Promise<string> {
  const words = new Arguments(args)
  const name = session.nameOf(words.astring('mailbox name'))
  words.end()
  if (!session.account.exists(name)) throw new RefusedCommand('there is no such mailbox', 'NONEXISTENT')
  const answer = quotaOf(session)
  session.connection.put(`* QUOTAROOT ${session.show(name)}${answer === undefined ? '' : ` ${root}`}\r\n${answer ?? ''}`)
  return 'that is all'
}

export async function answerGetQuota(session: Session, { args }: Command): Promise<string> {
  const words = new Arguments(args)
  const name = words.astring('quota root')
  words.end()
  const answer = name === 'User quota' ? quotaOf(session) : undefined
  if (answer === undefined) throw new RefusedCommand('there is no such quota root', 'NONEXISTENT')
  session.connection.put(answer)
  return 'that is all'
}

/** @returns undefined where there is no limit */
function quotaOf({ account }: Session): string | undefined {
  const { limit, used } = account.usage()
  const resources = [
    ...(limit.bytes > 0 ? [`STORAGE ${Math.ceil(used.bytes / 1_024)} ${Math.ceil(limit.bytes / 1_024)}`] : []),
    ...(limit.count > 0 ? [`MESSAGE ${used.count} ${limit.count}`] : []),
  ]
  return resources.length === 0 ? undefined : `* QUOTA ${root} (${resources.join(' ')})\r\n`
}
