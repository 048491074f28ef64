/**
 * A bounce as a multipart/report (RFC 6522, RFC 3464): the text for people, the delivery status, the message.
 *
 * With control/bounceformat `both` the first part is qmail's bounce byte for byte, up to the end of the header that it
 * copies. So whoever reads those finds all.
 */
import { randomBytes } from 'node:crypto'
import { statSync } from 'node:fs'
import { headerDate } from '@yabumi/dates'
import { messageGroup, recipientGroup } from '@yabumi/dsn'
import type { Submission } from '@yabumi/enqueue'
import { fieldBody, fieldName, glimpse } from '@yabumi/header'
import { type MessageId, queuePath } from '@yabumi/queuedir'
import type { Controls } from '../controls.ts'
import type { Info } from '../keep/info.ts'
import { copy, copyLimitOf, copyMessage, piecesOf } from './copy.ts'
import { recipientsIn, recipientsInText } from './status.ts'
import type { BouncePlan } from './text.ts'

/** What a bounce is about. */
export interface Bounced {
  readonly id: MessageId
  readonly info: Info
  readonly plan: BouncePlan
  /** Who waits on, where nothing has come to an end: paragraphs, as bounce/N has them. */
  readonly delayed?: string
}

/** All of a bounce but its envelope. @throws the system's error */
export async function writeReport({ id, info, plan, delayed }: Bounced, controls: Controls, submission: Submission): Promise<void> {
  const [message, bounce] = [queuePath('mess', id), queuePath('bounce', id)]
  const limit = copyLimitOf(controls, info.sender === '')
  const facts = info.facts.ofMessage.message
  const boundary = randomBytes(16).toString('hex')
  const write = (text: string): void => void submission.write(Buffer.from(text, 'latin1'))
  write(plan.fields + (await references(message)))
  write('Auto-Submitted: auto-replied\nMIME-Version: 1.0\nContent-Transfer-Encoding: 8bit\n')
  write(`Content-Type: multipart/report; report-type=delivery-status;\n boundary="${boundary}"\n\n`)
  write(`--${boundary}\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n${plan.opening}`)
  if (delayed === undefined) await copy(bounce, submission)
  else write(delayed)
  if (controls.bounceFormat === 'both') {
    write(plan.middle)
    await copyMessage(message, submission, { ...limit, headerOnly: true })
  }
  write(`\n--${boundary}\nContent-Type: message/delivery-status\n\n`)
  write(messageGroup({ reportingMta: controls.bounceHost, envelopeId: facts.get('ENVID'), arrivalDate: headerDate(info.birth) }))
  const until = delayed === undefined ? undefined : headerDate(info.birth + controls.lifetimeSeconds)
  for (const recipient of delayed === undefined ? recipientsIn(bounce) : recipientsInText(delayed)) {
    if (!submission.write(Buffer.from(recipientGroup({ ...recipient, willRetryUntil: until }), 'latin1'))) await submission.drained()
  }
  // a message that is torn is none
  const isWhole =
    delayed === undefined &&
    facts.get('RET') !== 'HDRS' &&
    !facts.has('REQUIRETLS') &&
    !limit.headerOnly &&
    statSync(`queue/${message}`).size <= limit.mostBytes
  const type = isWhole ? 'message/rfc822' : 'text/rfc822-headers'
  write(`--${boundary}\nContent-Type: ${type}\nContent-Transfer-Encoding: 8bit\n\n`)
  await copyMessage(message, submission, { ...limit, headerOnly: !isWhole, silent: true })
  write(`\n--${boundary}--\n`)
}

/** Fields that say which message it is about, if that has a name. It is looked for in the first piece. */
async function references(file: string): Promise<string> {
  const [piece] = piecesOf(file)
  const header = piece && (await glimpse([piece], 0))
  const field = header?.fields.find((each) => fieldName(each)?.toLowerCase() === 'message-id')
  const id = field && /^<[!-~]{1,900}>(?=\s*$)/.exec(fieldBody(field))?.[0]
  return id ? `In-Reply-To: ${id}\nReferences: ${id}\n` : ''
}
