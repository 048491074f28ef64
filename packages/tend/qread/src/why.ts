/** Why a message waits: its last answer, and when it is tried next in lines for qread --why. */
import { dateAndTime, nowSeconds } from '@yabumi/dates'
import { factsText, InfoFacts } from '@yabumi/facts'
import { sendProcess } from '@yabumi/logfiles'
import { logSafe } from '@yabumi/logline'
import { printable } from '@yabumi/printable'
import type { MessageId } from '@yabumi/queuedir'
import { type Channel, listQueued, readChannel } from '@yabumi/queueview'
import { outlookOf } from '@yabumi/retrytimes'
import { type Answer, type Answers, answerKey, readAnswers } from './answers.ts'
import type { WhyLines } from './part.ts'

interface Why {
  readonly answers: Answers
  readonly sendRuns: boolean
}

/** Look at the log and for send. The working directory is the home. @returns what is added to the list, and what stands in the way of more */
export function readWhy(): { lines: WhyLines; note: string | undefined } {
  const sendRuns = sendProcess() !== undefined
  const nobody = { answers: new Map(), note: 'no send runs that we can see: nothing is tried before one does' }
  const { answers, note } = sendRuns ? readAnswers() : nobody
  const why = { answers, sendRuns }
  return { lines: { facts: lineOfFacts, recipient: (...of) => linesWhy(why, ...of), queued: linesOfQueued }, note }
}

/** What the envelope says besides its addresses, if it does. @param records - of info/N, a byte string */
function lineOfFacts(records: string): string {
  const text = factsText(InfoFacts.read(records).ofMessage)
  return text === '' ? '' : `\t\tfacts: ${text.slice(text.indexOf(' ') + 1)}\n`
}

/** The lines below a recipient that is still to do. @param address - byte string */
function linesWhy(why: Why, id: MessageId, birth: number, channel: Channel, address: string): string {
  const file = readChannel(channel, id)
  if (file === undefined) return ''
  const answer = why.answers.get(id)?.get(answerKey(channel, logSafe(address)))
  const known = {
    channel,
    birth,
    fileTime: file.time,
    sendRuns: why.sendRuns,
    lastAttempt: answer?.text === undefined ? undefined : answer.time,
  }
  const { next, by } = outlookOf(known, nowSeconds())
  const said = answerLine(answer)
  if (answer !== undefined && answer.text === undefined) return said
  const [first = 0] = next
  const time =
    by === 'held' ? 'held: it is not tried before qrelease' : `next: ${first <= nowSeconds() ? 'now' : `${dateAndTime(first)} GMT`}`
  return `${said}\t\t${time}\n`
}

function answerLine(answer: Answer | undefined): string {
  if (answer === undefined) return ''
  const time = answer.time === undefined ? '' : `${dateAndTime(answer.time)} GMT `
  return `\t\t${time}${answer.text === undefined ? 'is being tried' : printable(answer.text)}\n`
}

/** A line for each message that is accepted and not yet preprocessed, which qread does not list. */
function linesOfQueued(part: number): string {
  return listQueued(part)
    .map((id) => `#${id} is accepted, and not yet taken up by send\n`)
    .join('')
}
