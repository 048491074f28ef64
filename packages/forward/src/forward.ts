/** Hand the message on descriptor 0 to queue, for new recipients (spec §8.4). */
import { openSubmission, type Submission } from '@yabumi/enqueue'
import { messagePieces } from '@yabumi/header'
import { errorText, Trouble } from '@yabumi/trouble'
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

  const submission = openSubmission()
  submission.write(Buffer.from(`${resent?.fields.join('') ?? ''}${deliveredTo}`, 'latin1'))
  await copyMessage(submission)
  const { verdict, text, qp } = await submission.finish(sender, recipients)
  if (verdict !== 'K') throw new Trouble(verdict === 'D' ? '5.3.0' : '4.3.0', text)
  return qp
}

function required(environment: ReadonlyMap<string, string>, name: string): string {
  const value = environment.get(name)
  if (value === undefined) throw new Trouble('5.3.5', `${name} not set`)
  return value
}

async function copyMessage(submission: Submission): Promise<void> {
  try {
    for await (const piece of messagePieces(0)) {
      if (!submission.write(piece)) await submission.drained()
    }
  } catch (cause) {
    await submission.abandon()
    throw new Trouble('4.3.0', `unable to read message: ${errorText(cause)}`, { cause })
  }
}
