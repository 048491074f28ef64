/**
 * What a .forward says to do, as instructions: used for plain mail of a user who has no .qmail (README.md).
 *
 * The checks are those of .qmail: nobody else may write it, and its x bit forbids all but forwards. On top of that it
 * must belong to the user, and an included file of somebody else may only forward.
 */

import { lowerCase } from '@yabumi/address'
import { includeDepth } from '@yabumi/limits'
import { isConfined } from './confined.ts'
import { cannotOpen, Failure, mayNotInclude, mayOnlyForward } from './failure.ts'
import { type ForwardEntry, parseForwardFile } from './forwardfile.ts'
import { defaultInstructions, fileInstruction, type Instruction } from './instruction.ts'
import { type Dotfile, readDotfile } from './readdotfile.ts'
import type { Request } from './request.ts'
import { isRecipient } from './search.ts'

const kind = '.forward'

/**
 * The instructions of the user's .forward: first its programs, so that one that fails has no mailbox filled again at each attempt.
 *
 * @returns undefined if there is none, or nothing in it
 * @throws Failure if it must not be used or cannot be understood
 */
export function forwardInstructions(request: Request): Iterable<Instruction> | undefined {
  const file = readDotfile(request.user, kind, kind)
  if (file === undefined) return undefined
  if (!isOurs(file)) throw new Failure(111, 'Uh-oh: .forward file belongs to another account. (#4.7.0)')
  const entries = parse(file, kind)
  if (entries.length === 0) return undefined
  const all = [...once(instructions(entries, request, file.forwardOnly, 0))]
  return [...all.filter(({ headed }) => headed), ...all.filter(({ headed }) => !headed)]
}

function isOurs(file: Dotfile): boolean {
  return file.owner === 0 || file.owner === process.geteuid?.()
}

function parse(file: Dotfile, name: string): ForwardEntry[] {
  try {
    return parseForwardFile(file.text)
  } catch (error) {
    throw new Failure(111, `Uh-oh: ${name} is malformed: ${error instanceof Error ? error.message : String(error)}. (#4.2.1)`)
  }
}

/** Each instruction the first time only: sendmail forgets repetitions. */
function* once(all: Iterable<Instruction>): Generator<Instruction> {
  const seen = new Set<string>()
  for (const instruction of all) {
    const key = `${instruction.kind} ${instruction.text}`
    if (!seen.has(key)) yield instruction
    seen.add(key)
  }
}

function* instructions(entries: ForwardEntry[], request: Request, forwardOnly: boolean, depth: number): Generator<Instruction> {
  for (const { kind: entry, text } of entries) {
    switch (entry) {
      case 'program':
        if (forwardOnly) throw mayOnlyForward(kind, 'prog')
        yield { kind: 'program', text, headed: true }
        break
      case 'file':
        if (forwardOnly) throw mayOnlyForward(kind, 'file')
        yield text === '/dev/null' ? { kind: 'discard', text } : fileInstruction(text)
        break
      case 'include':
        yield* included(text, request, forwardOnly, depth + 1)
        break
      default:
        if (isSelf(text, request)) yield* defaultInstructions(request)
        else yield { kind: 'forward', text }
    }
  }
}

/** With or without a backslash, one's own name is one's own mailbox: forwarding it here again would be a loop. */
function isSelf(address: string, request: Request): boolean {
  return lowerCase(address) === lowerCase(request.user) || isRecipient(address, request)
}

function* included(name: string, request: Request, forwardOnly: boolean, depth: number): Generator<Instruction> {
  if (isConfined()) throw mayNotInclude(name)
  if (depth > includeDepth) throw new Failure(111, 'Uh-oh: .forward includes files too deep. (#4.2.1)')
  const file = readDotfile(request.user, name, name)
  if (file === undefined) throw cannotOpen(name, Object.assign(new Error(), { code: 'ENOENT' }))
  yield* instructions(parse(file, name), request, forwardOnly || file.forwardOnly || !isOurs(file), depth)
}
