/**
 * Tell the sender: the paragraphs of bounce/ and a copy of the message go to queue as a new message (spec §2.5.8).
 *
 * The bounce file goes only after queue has said that the bounce is safe; a crash between the two sends a second one.
 * Message and paragraphs stream through a buffer. A few bounces are under way at a time, and nothing waits for them.
 */
import { doubleBounceSender } from '@yabumi/address'
import { nowSeconds } from '@yabumi/dates'
import { type Outcome, openSubmission } from '@yabumi/enqueue'
import { type MessageId, queuePath } from '@yabumi/queuedir'
import type { Controls } from '../controls.ts'
import { readInfo } from '../keep/info.ts'
import { attempt, remove } from '../keep/queuefile.ts'
import type { Log } from '../log.ts'
import { plainSender } from '../try/verp.ts'
import { copy, copyLimitOf, copyMessage } from './copy.ts'
import { planBounce } from './text.ts'

/**
 * Send the bounce of a message that has a bounce file, then remove the file.
 *
 * @param asked - called when queue has everything but the envelope: from now on the bounce may appear in todo/
 * @returns false if it must be tried again; the log says why
 * @throws Trouble if it must be tried again, with what the log is to say
 */
export async function sendBounce(id: MessageId, controls: Controls, log: Log, asked: () => void): Promise<boolean> {
  const file = queuePath('bounce', id)
  const sender = plainSender(attempt('trouble reading', queuePath('info', id), () => readInfo(id).sender))
  if (sender === doubleBounceSender) log.line(`triple bounce: discarding ${file}`)
  else {
    const outcome = await submit(id, sender, controls, asked)
    if (outcome?.verdict !== 'K') {
      const cannotStart = outcome?.qp === '0'
      log.warning(cannotStart ? 'unable to start qmail-queue, will try later' : 'trouble injecting bounce message, will try later')
      return false
    }
    log.line(`bounce msg ${id} qp ${outcome.qp}`)
  }
  remove(file)
  return true
}

/** @returns undefined if the message or its bounce file cannot be read */
async function submit(id: MessageId, sender: string, controls: Controls, asked: () => void): Promise<Outcome | undefined> {
  const plan = planBounce(sender, controls, nowSeconds())
  const submission = openSubmission({ role: 'bounce' })
  try {
    submission.write(Buffer.from(plan.head, 'latin1'))
    await copy(queuePath('bounce', id), submission)
    submission.write(Buffer.from(plan.middle, 'latin1'))
    await copyMessage(queuePath('mess', id), submission, copyLimitOf(controls, sender === ''))
  } catch {
    await submission.abandon()
    return undefined
  }
  asked()
  return submission.finish(plan.sender, [plan.recipient])
}
