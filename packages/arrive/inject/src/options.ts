/** What inject is told: its command line (spec §4.1) and the letters of QMAILINJECT (spec §4.2). */
import { Getopt, invokedAs } from '@yabumi/commandline'
import { Trouble } from '@yabumi/trouble'

export interface Options {
  /** -n: print the message instead of queueing it. */
  readonly print: boolean
  /** -f: the envelope sender as it was given; the last one counts. */
  readonly sender: string | undefined
  /** Recipients from the command line. */
  readonly recipients: readonly string[]
  /** Whether the header's recipients count. */
  readonly useHeader: boolean
}

/** Where recipients come from: arguments, the header, both, or arguments if there are any. */
type Source = 'a' | 'h' | 'H' | 'A'

/** Read the command line. @throws Trouble 5.5.4 with a complaint that already names the program */
export function parseOptions(args: readonly string[]): Options {
  let print = false
  let sender: string | undefined
  let source = 'A' as Source
  const getopt = new Getopt(args, 'aAhHnNf:')
  for (let letter = getopt.next(); letter !== undefined; letter = getopt.next()) {
    if (letter === '?') throw new UsageTrouble(getopt.complaint ?? '')
    if (letter === 'f') sender = getopt.argument
    else if (letter === 'n' || letter === 'N') print = letter === 'n'
    else source = letter as Source
  }
  const rest = getopt.rest()
  if (source === 'A') source = rest.length > 0 ? 'a' : 'h'
  return { print, sender, recipients: source === 'h' ? [] : rest, useHeader: source !== 'a' }
}

/** An option that is not in the table. It is reported under the name the program was called by, as getopt does. */
export class UsageTrouble extends Trouble {
  constructor(complaint: string) {
    const name = invokedAs()
    super('5.5.4', `${name === 'inject' ? 'qmail-inject' : name}: ${complaint}`)
  }
}

/** The letters of QMAILINJECT. */
export interface Letters {
  /** c: the personal name in the From field is a comment. */
  readonly nameAsComment: boolean
  /** s: Return-Path fields do not count. */
  readonly dropReturnPath: boolean
  /** f: From fields do not count. */
  readonly dropFrom: boolean
  /** i: Message-ID fields do not count. */
  readonly dropMessageId: boolean
  /** r: a sender of its own for every recipient (VERP). */
  readonly senderPerRecipient: boolean
  /** m: a sender of its own for every message. */
  readonly senderPerMessage: boolean
}

export function parseLetters(letters: string): Letters {
  return {
    nameAsComment: letters.includes('c'),
    dropReturnPath: letters.includes('s'),
    dropFrom: letters.includes('f'),
    dropMessageId: letters.includes('i'),
    senderPerRecipient: letters.includes('r'),
    senderPerMessage: letters.includes('m'),
  }
}
