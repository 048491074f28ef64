/** What a dotfile says to do, line by line (spec §2.7.5). */
import { addressesIn } from '@yabumi/address'
import { firstLineIsBlank, lineIsNoAddress, mayOnlyForward } from './failure.ts'
import type { Request } from './request.ts'

export interface Instruction {
  /** `discard` takes the message as delivered to a file and drops it. */
  readonly kind: 'mbox' | 'maildir' | 'program' | 'forward' | 'discard'
  /** Path, command or address as it stands there. Byte string; what follows a NUL counts for nothing. */
  readonly text: string
  /** Its line in a .qmail file, from 1. */
  readonly line?: number
  /** A program that gets UFLINE, RPLINE and DTLINE in front of the message, as those of a .forward do. */
  readonly headed?: true
  /** Nobody has written it for this user: what it names may be made. */
  readonly isDefault?: true
}

/**
 * The instructions of a .qmail file's text, one after the other, so that those in front of a bad one are seen first; but a line that is no address
 * stops it before the first: a later attempt would do all others again.
 *
 * @param forwardOnly - whether the file's x bit forbids all others
 * @throws Failure at the line that is not allowed
 */
export function* parseDotQmail(text: string, forwardOnly: boolean): Generator<Instruction> {
  let mayDeliver = !forwardOnly
  const lines = text
    .replace(/^\xef\xbb\xbf/, '')
    .split('\n')
    .map((line) => line.replace(/(?<![ \t\r])[ \t\r]+$/, ''))
  if (lines[0] === '' || lines[0]?.[0] === '\0') throw firstLineIsBlank()
  const forwards = forwardsOf(forwardOnly ? uptoDelivery(lines) : lines)
  for (const [number, line] of lines.entries()) {
    switch (line[0]) {
      case undefined:
      case '\0':
        break
      case '#':
        break
      case '+':
        if (upToNul(line) === '+list') mayDeliver = false
        break
      case '.':
      case '/':
        if (!mayDeliver) throw mayOnlyForward('.qmail', 'file')
        yield { ...fileInstruction(line), line: number + 1 }
        break
      case '|':
        if (!mayDeliver) throw mayOnlyForward('.qmail', 'prog')
        yield { kind: 'program', text: line.slice(1), line: number + 1 }
        break
      default:
        for (const address of forwards.get(number) ?? []) yield { kind: 'forward', text: address, line: number + 1 }
    }
  }
}

/** Where only forwards are allowed no line behind the first other delivery is seen. */
function uptoDelivery(lines: readonly string[]): readonly string[] {
  const end = lines.findIndex((line) => './|'.includes(line[0] ?? '\0'))
  return end < 0 ? lines : lines.slice(0, end)
}

/** The addresses of each line that forwards. @throws Failure at the first that has none */
function forwardsOf(lines: readonly string[]): Map<number, string[]> {
  const forwards = new Map<number, string[]>()
  for (const [number, line] of lines.entries()) {
    if (line === '' || '\0#+./|'.includes(line[0] as string)) continue
    const addresses = addressesIn(line)
    if (addresses === undefined) throw lineIsNoAddress(number + 1, line)
    forwards.set(number, addresses)
  }
  return forwards
}

/** What happens where the user has no instructions. */
export function* defaultInstructions({ defaultDelivery }: Request): Generator<Instruction> {
  for (const instruction of parseDotQmail(defaultDelivery, false)) yield { ...instruction, isDefault: true }
}

/** A path that ends in a slash is a Maildir, any other an mbox. */
export function fileInstruction(path: string): Instruction {
  return { kind: path.endsWith('/') ? 'maildir' : 'mbox', text: path }
}

/** Whether a path is a name in the home itself: `./Maildir/`. */
export function isOneInHome(path: string): boolean {
  return /^\.\/(?!\.{1,2}\/)[^/]+\/$/.test(path)
}

/** The part of a text that a C program would see. */
export function upToNul(text: string): string {
  return text.split('\0', 1)[0] as string
}
