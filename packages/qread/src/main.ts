/**
 * qread: list the messages in the queue with their recipients (spec §8.1). README.md is the manual page.
 *
 * Everything, complaints too, goes to descriptor 1. Reads files while send changes them: a message that ends meanwhile is
 * passed over.
 */
import { readdirSync, writeSync } from 'node:fs'
import { homeDirectory } from '@yabumi/home'
import { isMessageId, split } from '@yabumi/queuedir'
import { errnoOf, errorText } from '@yabumi/trouble'
import { describe } from './message.ts'

const burstBytes = 65_536

/** A fatal error, in the words of the reference. */
class Fatal extends Error {}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory)
  } catch (cause) {
    throw new Fatal(`unable to opendir ${directory}: ${errorText(cause)}`)
  }
}

/** What is in a directory; nothing if it cannot be read, as info/ is the one that counts. */
function setOf(directory: string): Set<string> {
  try {
    return new Set(readdirSync(directory))
  } catch {
    return new Set()
  }
}

function enterQueue(): void {
  try {
    process.chdir(homeDirectory())
    process.chdir('queue')
  } catch (cause) {
    throw new Fatal(`unable to chdir: ${errorText(cause)}`)
  }
}

/** The descriptions of all messages, one directory of info/ after the other. */
function* listQueue(): Generator<string, void> {
  enterQueue()
  const bounce = setOf('bounce')
  for (let part = 0; part < split; part += 1) {
    const ids = namesIn(`info/${part}`).filter(isMessageId)
    const present = { bounce, local: setOf(`local/${part}`), remote: setOf(`remote/${part}`) }
    for (const id of ids) yield describe(id, present)
  }
}

function write(text: string): void {
  const bytes = Buffer.from(text, 'latin1')
  for (let at = 0; at < bytes.length; ) at += writeSync(1, bytes, at)
}

function main(): number {
  let text = ''
  try {
    for (const description of listQueue()) {
      text += description
      if (text.length < burstBytes) continue
      write(text)
      text = ''
    }
    write(text)
    return 0
  } catch (error) {
    if (errnoOf(error) === 'EPIPE') return 0 // whoever asked has seen enough
    if (!(error instanceof Fatal)) throw error
    write(`${text}fatal: ${error.message}\n`)
    return 111
  }
}

process.exitCode = main()
