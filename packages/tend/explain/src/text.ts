/** What explain says of a message, in lines. */
import { dateAndTime, nowSeconds } from '@yabumi/dates'
import { printable } from '@yabumi/printable'
import { ageOf } from '@yabumi/queuecare'
import type { Outlook } from '@yabumi/retrytimes'
import type { Connection } from './arrivals.ts'
import type { Attempt } from './history.ts'
import type { MessageReport, RecipientReport, RefusalReport, Standing } from './message.ts'
import type { Way } from './way.ts'

const states: Record<Standing, string> = {
  S2: 'is being received, or removed (S2): nobody has been told that it was accepted, or it is finished',
  S3: 'is being received (S3): nobody has been told that it was accepted',
  S4: 'is accepted and not yet preprocessed (S4): send has not decided where it goes, or tries its only recipient for the first time',
  S5: 'is preprocessed (S5): deliveries are tried',
  gone: 'is not in the queue',
  unknown: 'is in a queue that is not yours to read',
}

/** Lines that go under another one. */
export function indent(lines: readonly string[]): string[] {
  return lines.map((line) => `  ${line}`)
}

export function when(seconds: number): string {
  const away = seconds - nowSeconds()
  return `${dateAndTime(seconds)} GMT (${away >= 0 ? `in ${ageOf(away)}` : `${ageOf(-away)} ago`})`
}

/** The lines, without their ends. Byte strings. */
export function messageLines(report: MessageReport): string[] {
  const { id, state, sender, bytes, since, givenUpAfter, messageId, arrival, failures, log } = report
  return [
    `message ${id} ${states[state]}`,
    ...indent([
      ...(sender === undefined ? [] : [`from <${printable(sender)}>${bytes === undefined ? '' : `, ${bytes} bytes`}`]),
      ...(messageId === undefined ? [] : [`Message-ID ${printable(messageId)}`]),
      ...(arrival === undefined ? [] : [`came${at(arrival.time)} by SMTP from ${clientText(arrival)}`]),
      ...(since === undefined ? [] : [`${state === 'S4' ? 'accepted' : 'taken up'} ${when(since)}`]),
      ...report.recipients.flatMap(recipientLines),
      ...report.ways.flatMap(wayLines),
      ...(givenUpAfter === undefined ? [] : [`a deferral after ${when(givenUpAfter)} is a failure`]),
      ...(failures === undefined ? [] : ['the sender will be told, when nobody is to do any more:', ...indent(printableLines(failures))]),
      ...(log.bounce === undefined ? [] : [`the sender has been told: bounce, qp ${log.bounce}`]),
      ...(log.ended === undefined || state === 'S5' ? [] : [`finished${log.ended === true ? '' : ` ${when(log.ended)}`}, says the log`]),
      ...report.notes.map((note) => `note: ${note}`),
    ]),
  ]
}

export function refusalLines({ messageId, refusals }: RefusalReport): string[] {
  const lines = refusals.map((refusal) => `refused${at(refusal.time)}: ${printable(refusal.reply)}: to ${clientText(refusal)}`)
  return [`a message with the Message-ID ${printable(messageId)} was not taken`, ...indent(lines)]
}

function at(time: number | undefined): string {
  return time === undefined ? '' : ` ${when(Math.floor(time))}`
}

function clientText({ address, port, helo, end }: Connection): string {
  const session =
    end === undefined
      ? ''
      : `, which ${helo === '-' ? 'gave no name' : `called itself ${printable(helo ?? '')}`}; its session ended: ${printable(end)}`
  return `${printable(address)} port ${printable(port)}${session}`
}

function recipientLines({ channel, address, standing, attempts, outlook }: RecipientReport): string[] {
  const tried = attempts.map(attemptLine)
  return [`${channel} ${printable(address)}: ${standing}`, ...indent([...tried, ...(outlook === undefined ? [] : outlookLines(outlook))])]
}

function attemptLine({ begun, ended, outcome, text }: Attempt): string {
  const time = ended ?? begun
  const start = time === undefined ? 'tried' : `tried ${when(time)}`
  if (outcome === undefined) return `${start}: under way, or cut short when send ended`
  return `${start}: ${outcome}${text === '' ? '' : `: ${text.replace(/\/$/, '')}`}`
}

const sources: Record<Outlook['by'], string> = {
  file: 'when send runs',
  log: 'by the last attempt in the log',
  rule: 'by the rule, if it was always tried in time',
  held: '',
}

function outlookLines({ next, by }: Outlook): string[] {
  const [first, ...more] = next
  if (first === undefined) return ['held: it is not tried before qrelease']
  const later = more.map((time) => `${dateAndTime(time)} GMT`).join(', ')
  const start = first <= nowSeconds() ? 'next: now' : `next: ${when(first)}`
  return [`${start}, ${sources[by]}; then, if deferred: ${later}`]
}

/** Which way out an address takes, and why. */
export function wayLines({ recipient, qualified, channel, address, because }: Way): string[] {
  const lines = [`${printable(recipient)} is ${channel}${address === recipient ? '' : `, as ${printable(address)}`}`]
  if (qualified !== recipient) lines.push(`  it means ${printable(qualified)} (control/envnoathost, control/percenthack)`)
  if (because.file === 'locals') lines.push(`  control/locals has ${printable(because.entry as string)}`)
  else if (because.file === 'none') lines.push('  neither control/locals nor control/virtualdomains has its domain')
  else lines.push(`  control/virtualdomains has ${printable(because.entry as string)}:${printable(because.value as string)}`)
  return lines
}

export function printableLines(text: string): string[] {
  return text
    .replace(/(?<!\n)\n+$/, '')
    .split('\n')
    .map((line) => printable(line))
}
