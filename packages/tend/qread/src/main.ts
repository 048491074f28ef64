/**
 * qread: list the messages in the queue with their recipients (spec §8.1). README.md is the manual page.
 *
 * Everything, complaints too, goes to descriptor 1. Reads files while send changes them: a message that ends meanwhile
 * is passed over.
 */
import { readdirSync } from 'node:fs'
import { byteArguments, calledName, complain } from '@yabumi/commandline'
import { writeAll } from '@yabumi/files'
import { become, homeDirectory } from '@yabumi/home'
import { split } from '@yabumi/queuedir'
import { answerParts, isThread, lookByParts } from '@yabumi/queueparts'
import { errnoOf, errorText } from '@yabumi/trouble'
import { describePart, type PartText, type WhyLines } from './part.ts'

/** A fatal error, in the words of the reference. */
class Fatal extends Error {}

function enterQueue(): void {
  try {
    process.chdir(homeDirectory())
    become('send')
    process.chdir('queue')
  } catch (cause) {
    const reason = (cause as Error).cause ?? cause
    const remedy =
      errnoOf(reason) === 'EACCES' ? 'the account of send, or root, may look at it' : 'make a home with config-fast, or set YABUMI_HOME'
    throw new Fatal(`unable to chdir: ${errorText(reason)}; ${homeDirectory()}/queue: ${remedy}`)
  }
}

/** About how many messages there are. */
function estimate(): number {
  try {
    return readdirSync('info/0').length * split
  } catch {
    return 0 // what is wrong with it, the part itself says
  }
}

function write(text: string): void {
  const bytes = Buffer.from(text, 'latin1')
  writeAll(1, bytes)
}

/** What is asked for beside qmail's list; the log is read before this becomes the account of send. */
async function askedWhy(): Promise<WhyLines | undefined> {
  if (byteArguments()[0] !== '--why') return undefined
  const { readWhy } = await import('./why.ts') // late: the list alone is quicker without
  try {
    process.chdir(homeDirectory())
  } catch {
    return undefined // enterQueue() says so
  }
  const { note, lines } = readWhy()
  if (note !== undefined) write(`warning: ${note}\n`)
  return lines
}

async function main(): Promise<number> {
  const [word = ''] = byteArguments()
  if (word.startsWith('--') && word !== '--why') {
    complain(`${calledName('qread')}: there is no option ${word}; see ${calledName('qread')} --help`)
    return 100
  }
  try {
    const why = await askedWhy()
    enterQueue()
    const look = (part: number): PartText => describePart(part, why)
    for await (const { text, fatal } of lookByParts<undefined, PartText>(look, undefined, why === undefined ? estimate() : 0)) {
      write(text)
      if (fatal !== undefined) throw new Fatal(fatal)
    }
    return 0
  } catch (error) {
    if (errnoOf(error) === 'EPIPE') return 0 // whoever asked has seen enough
    if (!(error instanceof Fatal)) throw error
    write(`fatal: ${error.message}\n`)
    return 111
  }
}

if (isThread) answerParts<undefined, PartText>((part) => describePart(part))
else
  void main().then((code) => {
    process.exitCode = code
  })
