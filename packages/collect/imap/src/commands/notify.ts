/** NOTIFY: what a client hears without asking (RFC 5465). */
import { type Command, parseNotify } from '@yabumi/imapwire'
import { Notify } from '../notify.ts'
import type { Session } from '../session.ts'

export async function answerNotify(session: Session, { args }: Command): Promise<string> {
  const request = parseNotify(args)
  const notify = new Notify(session, request)
  try {
    await notify.begin(request.status)
  } catch (error) {
    notify.end()
    throw error
  }
  session.notify?.end()
  session.notify = notify
  return 'from now on'
}
