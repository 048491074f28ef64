/** Hand the message on descriptor 0 to queue, for new recipients (spec §8.4). */
import { required } from '@yabumi/commandline'
import { sendOn } from '@yabumi/forwarding'
import type { Request } from './options.ts'
import { resentFields } from './resent.ts'

/**
 * Forward the message.
 *
 * @returns the number after `qp`
 * @throws Trouble whose text is the complaint; 5.x.x if trying again is no use
 */
export async function forward(request: Request, environment: ReadonlyMap<string, string>): Promise<string> {
  const sender = required(environment, 'NEWSENDER')
  const deliveredTo = required(environment, 'DTLINE')
  const resent = request.resent === undefined ? undefined : resentFields(request.recipients, request.resent, environment)
  const recipients = [...request.recipients, ...(resent?.recipients ?? [])]
  return sendOn(`${resent?.fields.join('') ?? ''}${deliveredTo}`, sender, recipients)
}
