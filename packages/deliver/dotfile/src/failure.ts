/**
 * Every way in which a home or a dotfile can stop a delivery (spec §2.7). The message of a Failure is its line, the
 * code in brackets included; 100 gives up, 111 will be tried again.
 */
import { errorText } from '@yabumi/trouble'

/** A delivery that ends here, with one line for the report. */
export class Failure extends Error {
  readonly exit: 100 | 111

  constructor(exit: 100 | 111, line: string, cause?: unknown) {
    super(line, { cause })
    this.exit = exit
  }
}

export function noMailbox(): Failure {
  return new Failure(100, 'Sorry, no mailbox here by that name. (#5.1.1)')
}
export function homeIsSticky(): Failure {
  return new Failure(111, 'Home directory is sticky: user is editing his .qmail file. (#4.2.1)')
}
export function cannotSwitch(home: string, cause: unknown): Failure {
  return new Failure(111, `Unable to switch to ${home}: ${errorText(cause)}. (#4.3.0)`, cause)
}
export function cannotStatHome(cause: unknown): Failure {
  return new Failure(111, `Unable to stat home directory: ${errorText(cause)}. (#4.3.0)`, cause)
}
/** @param who - as strangersWho says it */
export function homeIsWritable(who: string): Failure {
  return new Failure(111, `Uh-oh: home directory is writable${who}. (#4.7.0)`)
}
export function cannotOpen(file: string, cause: unknown): Failure {
  return new Failure(111, `Unable to open ${file}: ${errorText(cause)}. (#4.3.0)`, cause)
}
/** @param kind - `.qmail`, `.forward`; @param who - as strangersWho says it */
export function isWritable(kind: string, who: string): Failure {
  return new Failure(111, `Uh-oh: ${kind} file is writable${who}. (#4.7.0)`)
}
export function isPlanted(kind: string): Failure {
  return new Failure(111, `Uh-oh: ${kind} file is a link of another account. (#4.7.0)`)
}
export function isTooLong(kind: string): Failure {
  return new Failure(111, `Uh-oh: ${kind} file is too long. (#4.2.1)`)
}
export function firstLineIsBlank(): Failure {
  return new Failure(111, 'Uh-oh: first line of .qmail file is blank. (#4.2.1)')
}
const shownBytes = 100

/** @param line - from 1 */
export function lineIsNoAddress(line: number, text: string): Failure {
  return new Failure(111, `Uh-oh: line ${line} of .qmail is no address: ${text.slice(0, shownBytes)}. (#4.2.1)`)
}
/** @param delivery - `file`, `prog` */
export function mayOnlyForward(kind: string, delivery: 'file' | 'prog'): Failure {
  return new Failure(111, `Uh-oh: ${kind} has ${delivery} delivery but has x bit set. (#4.7.0)`)
}

const sharesAccount = 'its mailbox shares its account with others (control/sharedaccounts)'

/** @param name - of the file; @param problem - with control/sharedaccounts, which then counts for everybody */
export function mayNotRun(name: string, problem: string | undefined): Failure {
  return new Failure(111, `Uh-oh: ${name} runs a program, but ${problem ?? sharesAccount}. (#4.7.0)`)
}
export function mayNotInclude(name: string): Failure {
  return new Failure(111, `Uh-oh: .forward includes ${name.slice(0, shownBytes)}, but ${sharesAccount}. (#4.7.0)`)
}
/** @param kind - `.qmail`, `.forward` */
export function mayNotLink(kind: string): Failure {
  return new Failure(111, `Uh-oh: ${kind} file has another name or is a link, but ${sharesAccount}. (#4.7.0)`)
}
