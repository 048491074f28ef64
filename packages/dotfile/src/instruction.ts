/** What a dotfile says to do, line by line (spec §2.7.5). */
import { firstLineIsBlank, mayOnlyForward } from './failure.ts'

export interface Instruction {
  /** `discard` takes the message as delivered to a file and drops it. */
  readonly kind: 'mbox' | 'maildir' | 'program' | 'forward' | 'discard'
  /** Path, command or address as it stands there. Byte string; what follows a NUL counts for nothing. */
  readonly text: string
  /** Its line in a .qmail file, from 1. */
  readonly line?: number
}

/**
 * The instructions of a .qmail file's text, one after the other, so that those in front of a bad one are seen first.
 *
 * @param forwardOnly - whether the file's x bit forbids all others
 * @throws Failure at the line that is not allowed
 */
export function* parseDotQmail(text: string, forwardOnly: boolean): Generator<Instruction> {
  let mayDeliver = !forwardOnly
  const lines = text.split('\n')
  for (const [number, untrimmed] of lines.entries()) {
    const line = untrimmed.replace(/(?<![ \t])[ \t]+$/, '')
    switch (line[0]) {
      case undefined:
      case '\0':
        if (number === 0) throw firstLineIsBlank()
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
      case '&':
        yield { kind: 'forward', text: line.slice(1), line: number + 1 }
        break
      default:
        yield { kind: 'forward', text: line, line: number + 1 }
    }
  }
}

/** A path that ends in a slash is a Maildir, any other an mbox. */
export function fileInstruction(path: string): Instruction {
  return { kind: path.endsWith('/') ? 'maildir' : 'mbox', text: path }
}

/** The part of a text that a C program would see. */
export function upToNul(text: string): string {
  return text.split('\0', 1)[0] as string
}
