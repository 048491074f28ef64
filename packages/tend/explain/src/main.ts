/** explain: say where a message is, or what would happen to mail for an address. README.md is the manual page. */
import { resolve } from 'node:path'
import { run, say, toolLine } from '@yabumi/commandline'
import { accountToBecome, asAccount, enterHome } from '@yabumi/home'
import { selectPart } from '@yabumi/queuecare'
import { isMessageId, type MessageId, split } from '@yabumi/queuedir'
import { answerParts, isThread } from '@yabumi/queueparts'
import { errnoOf, Trouble } from '@yabumi/trouble'
import { type AddressReport, explainAddress } from './address.ts'
import { addressLines } from './addresstext.ts'
import { explainMessage, explainMessageId, type MessageReport, type RefusalReport } from './message.ts'
import { findByMessageId } from './messageid.ts'
import { messageLines, refusalLines } from './text.ts'

type Report = MessageReport | RefusalReport | AddressReport

const usage = '[--json] [--log FILE]... NUMBER | "<MESSAGE-ID>" | ADDRESS'

async function main(): Promise<void> {
  const argv = (await toolLine('explain', usage))
    .option('json', { type: 'boolean', default: false, describe: 'say it as one JSON text' })
    .option('log', {
      type: 'string',
      array: true,
      requiresArg: true,
      default: [],
      describe: 'the log of send or smtpd: a file, or a directory of multilog or s6-log',
    })
    .parseSync()
  const [word, more] = argv._.map(String)
  if (word === undefined || word === '' || more !== undefined) throw new Trouble('5.5.4', `usage: explain ${usage}`)
  const logs = argv.log.map((path) => resolve(path))
  enterHome()
  const reports = await explain(Buffer.from(word, 'utf8').toString('latin1'), logs)
  if (argv.json) say(reports.map((report) => `${asciiJson(report)}\n`).join(''))
  else say(reports.map((report) => `${linesOf(report).join('\n')}\n`).join(''))
  process.exitCode = reports.some(isKnown) ? 0 : 1
}

async function explain(word: string, logs: readonly string[]): Promise<Report[]> {
  const number = /^#?(\d+)$/.exec(word)?.[1]
  if (number !== undefined && isMessageId(number)) return [explainMessage(number, logs)]
  if (!/^<.*>$/.test(word)) return [await explainAddress(word)]
  const ids = asAccount(accountToBecome('send'), () => messagesWith(word))
  const reports = explainMessageId(word, ids ?? [], logs)
  if (reports.length > 0) return reports
  if (ids === undefined) {
    const whose = 'the queue is readable only to the accounts that own it, so that no Message-ID can be looked for'
    throw new Trouble('4.3.0', `${whose}, and no log that you can read has it; try an address of yours`)
  }
  const log = 'nor does the log say that smtpd took or refused such a message, as far as it was found and reaches back'
  const other = 'mail that inject took and that is finished is found by its number'
  throw new Trouble('4.3.0', `no message in the queue has the Message-ID ${word}, ${log}; ${other}`)
}

/** @returns undefined where the queue is not ours to read */
function messagesWith(messageId: string): MessageId[] | undefined {
  const home = process.cwd()
  try {
    process.chdir('queue')
    return Array.from({ length: split }, (_, part) => findByMessageId(part, messageId)).flat()
  } catch (cause) {
    if (errnoOf(cause) !== 'EACCES') throw cause
    return undefined
  } finally {
    process.chdir(home)
  }
}

function linesOf(report: Report): string[] {
  if (report.kind === 'refusal') return refusalLines(report)
  return report.kind === 'message' ? messageLines(report) : addressLines(report)
}

function isKnown(report: Report): boolean {
  return report.kind !== 'message' || report.log.known || (report.state !== 'gone' && report.state !== 'unknown')
}

/** Bytes that are no ASCII are the characters of the same number, escaped, so that the text is UTF-8 as well. */
function asciiJson(report: unknown): string {
  return JSON.stringify(report).replace(/[\x7f-\uffff]/g, (byte) => `\\u${byte.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

if (isThread) answerParts(selectPart)
else void run('explain', main)
