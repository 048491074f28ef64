/**
 * What the tools that change messages have in common. It is the words of their command lines, the messages that are
 * meant, the dry run, and how they speak.
 */
import { readdirSync } from 'node:fs'
import { commandLine } from '@yabumi/commandline'
import { accountToBecome, actAs, enterHome } from '@yabumi/home'
import { split } from '@yabumi/queuedir'
import { lookByParts } from '@yabumi/queueparts'
import { errnoOf, errorText, Trouble } from '@yabumi/trouble'
import { parseCriteria } from './criteria.ts'
import { type PartSelection, type Selected, type SelectOrder, selectPart } from './select.ts'
import { describe } from './words.ts'
import { virtualDomainLines } from './world.ts'

/** What somebody wants done. */
export interface Command {
  readonly selected: readonly Selected[]
  /** Whether to do it, or only to say so. */
  readonly act: boolean
  /** Whether the one option that a tool may have of its own is given. */
  readonly special: boolean
  /** Messages that were meant and could not be read. */
  readonly unreadable: number
}

/** A tool's own option, without a value. */
export interface Special {
  readonly name: string
  readonly describe: string
}

/**
 * Read the command line, and find the messages. The working directory is queue/ from here on, and root acts as the account of send.
 *
 * @throws Trouble 5.5.4 for a wrong command line, 4.3.0 if the queue cannot be read
 */
export async function readCommand(tool: string, special?: Special): Promise<Command> {
  const list = { type: 'string', array: true, requiresArg: true } as const
  const parser = (await commandLine(tool, '[--yes] [option ...] [NUMBER ...]'))
    .option('yes', { type: 'boolean', default: false, describe: 'do it; without this it is only said' })
    .option('all', { type: 'boolean', default: false, describe: 'every message' })
    .option('sender', { ...list, describe: 'with this envelope sender; <> for bounces, * for any text' })
    .option('recipient', { ...list, describe: 'with this recipient still to do; * for any text' })
    .option('domain', { ...list, describe: 'with a recipient at this domain; .example.org for all below' })
    .option('older', { type: 'string', requiresArg: true, describe: 'longer in the queue than 90s, 15m, 12h, 3d, 2w' })
    .option('younger', { type: 'string', requiresArg: true, describe: 'less long' })
  if (special !== undefined) parser.option(special.name, { type: 'boolean', default: false, describe: special.describe })
  const argv = parser.parseSync()
  const order: SelectOrder = { criteria: parseCriteria(argv), virtualDomains: [] }
  enterHome()
  const virtualDomains = virtualDomainLines()
  actAs(accountToBecome('send'))
  const { selected, complaints } = await select({ ...order, virtualDomains })
  for (const complaint of complaints) process.stderr.write(`${tool}: warning: ${complaint}\n`)
  const isSpecial = special !== undefined && (argv as Record<string, unknown>)[special.name] === true
  return { selected, act: argv.yes, special: isSpecial, unreadable: complaints.length }
}

async function select(order: SelectOrder): Promise<{ selected: Selected[]; complaints: string[] }> {
  const selected: Selected[] = []
  const complaints: string[] = []
  try {
    process.chdir('queue')
    const messages = order.criteria.ids === undefined ? readdirSync('info/0').length * split : 0
    for await (const part of lookByParts<SelectOrder, PartSelection>(selectPart, order, messages)) {
      for (const message of part.selected) selected.push(message)
      complaints.push(...part.complaints)
    }
    return { selected, complaints }
  } catch (cause) {
    if (errnoOf(cause) === undefined) throw cause
    const path = (cause as NodeJS.ErrnoException).path ?? 'queue'
    throw new Trouble('4.3.0', `unable to read ${path}: ${errorText(cause)}; the account of send, or root, may`, { cause })
  }
}

/** The lines of a dry run. @param verb - what would be done */
export function dryRun(selected: readonly Selected[], verb: string, note: (message: Selected) => string = () => ''): string {
  const lines = selected.map((message) => `would ${verb} ${describe(message)}${note(message)}\n`)
  return `${lines.join('')}${selected.length} ${selected.length === 1 ? 'message' : 'messages'}; --yes does it\n`
}
