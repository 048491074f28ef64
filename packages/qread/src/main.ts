/**
 * qread: list the messages in the queue with their recipients (spec §8.1). README.md is the manual page.
 *
 * Everything, complaints too, goes to descriptor 1. Reads files while send changes them: a message that ends meanwhile is
 * passed over.
 */
import { readdirSync, writeSync } from 'node:fs'
import { become, homeDirectory } from '@yabumi/home'
import { split } from '@yabumi/queuedir'
import { answerParts, isThread, lookByParts } from '@yabumi/queueparts'
import { errnoOf, errorText } from '@yabumi/trouble'
import { describePart, type PartText } from './part.ts'

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
  for (let at = 0; at < bytes.length; ) at += writeSync(1, bytes, at)
}

async function main(): Promise<number> {
  try {
    enterQueue()
    for await (const { text, fatal } of lookByParts<undefined, PartText>(describePart, undefined, estimate())) {
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

if (isThread) answerParts<undefined, PartText>(describePart)
else
  void main().then((code) => {
    process.exitCode = code
  })
