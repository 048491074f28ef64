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
import { type Info, markWarned, readInfo } from '../keep/info.ts'
import { attempt, remove } from '../keep/queuefile.ts'
import type { Log } from '../log.ts'
import { plainSender } from '../try/verp.ts'
import { copy, copyLimitOf, copyMessage } from './copy.ts'
import { writeReport } from './report.ts'
import { recipientsIn } from './status.ts'
import { type BouncePlan, planBounce, type Outcome as Told } from './text.ts'

/**
 * Send the bounce of a message that has a bounce file, then remove the file.
 *
 * @param asked - called when queue has everything but the envelope: from now on the bounce may appear in todo/
 * @returns false if it must be tried again; the log says why
 * @throws Trouble if it must be tried again, with what the log is to say
 */
export async function sendBounce(id: MessageId, controls: Controls, log: Log, asked: () => void): Promise<boolean> {
  const file = queuePath('bounce', id)
  const info = attempt('trouble reading', queuePath('info', id), () => readInfo(id))
  const sender = plainSender(info.sender)
  if (sender === doubleBounceSender) log.line(`triple bounce: discarding ${file}`)
  else {
    const outcome = await submit(id, { ...info, sender }, controls, asked)
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

/**
 * Tell the sender of a message who waits on.
 *
 * @param text - paragraphs, as bounce/N has them
 * @param given - called when queue has everything but the envelope
 * @returns false if that did not work: the next attempt may say it
 */
export async function sendDelay(id: MessageId, text: string, controls: Controls, log: Log, given: () => void): Promise<boolean> {
  const info = attempt('trouble reading', queuePath('info', id), () => readInfo(id))
  const sender = plainSender(info.sender)
  const submission = openSubmission({ role: 'bounce' })
  const plan = planBounce(sender, 'delayed', controls, nowSeconds())
  try {
    await writeReport({ id, info: { ...info, sender }, plan, delayed: text }, controls, submission)
  } catch {
    await submission.abandon()
    return false
  }
  given()
  const { verdict, qp } = await submission.finish(plan.sender, [plan.recipient])
  if (verdict !== 'K') return false
  log.line(`delay msg ${id} qp ${qp}`)
  attempt('trouble marking', queuePath('info', id), () => markWarned(id, info.birth))
  return true
}

/** @returns undefined if the message or its bounce file cannot be read */
async function submit(id: MessageId, info: Info, controls: Controls, asked: () => void): Promise<Outcome | undefined> {
  const submission = openSubmission({ role: 'bounce' })
  let plan: BouncePlan
  try {
    const isReport = controls.bounceFormat !== 'qsbmf'
    plan = planBounce(info.sender, isReport ? outcomeIn(id) : 'failed', controls, nowSeconds())
    if (isReport) await writeReport({ id, info, plan }, controls, submission)
    else {
      submission.write(Buffer.from(`${plan.fields}\n${plan.opening}`, 'latin1'))
      await copy(queuePath('bounce', id), submission)
      submission.write(Buffer.from(plan.middle, 'latin1'))
      await copyMessage(queuePath('mess', id), submission, copyLimitOf(controls, info.sender === ''))
    }
  } catch {
    await submission.abandon()
    return undefined
  }
  asked()
  return submission.finish(plan.sender, [plan.recipient])
}

/** @throws the system's error */
function outcomeIn(id: MessageId): Told {
  const failed = new Set<boolean>()
  for (const { action } of recipientsIn(queuePath('bounce', id))) failed.add(action === 'failed')
  return failed.size > 1 ? 'both' : failed.has(false) ? 'reached' : 'failed'
}
