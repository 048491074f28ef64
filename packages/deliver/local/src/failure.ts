/**
 * Every way a delivery can end other than well (spec §2.7), beside those that a home or a dotfile has (package
 * dotfile). The message of a Failure is its line, the code in brackets included; 100 gives up, 111 will be tried again.
 */
import { Failure } from '@yabumi/dotfile'
import { errorText, Trouble } from '@yabumi/trouble'

/** A delivery that ends because a program said so; the program has said why, or nothing. */
export class ProgramFailure extends Failure {}

/** What the report says about any error, and the exit code. */
export function failureOf(error: unknown): Failure {
  if (error instanceof Failure) return error
  if (error instanceof Trouble) return new Failure(error.status.startsWith('5') ? 100 : 111, `${error.message} (#${error.status})`, error)
  return new Failure(111, `Internal error: ${errorText(error)}. (#4.3.5)`, error)
}

export function looping(): Failure {
  return new Failure(100, 'This message is looping: it already has my Delivered-To line. (#5.4.6)')
}
/** @param count - of earlier deliveries to the same user */
export function loopingUser(count: number): Failure {
  return new Failure(100, `This message is looping: it has had ${count} addresses of this user. (#5.4.6)`)
}
/** @param file - the dotfile that says so */
export function loopingFile(file: string): Failure {
  return new Failure(100, `This message is looping: ${file} has forwarded it before. (#5.4.6)`)
}
export function cannotRewind(cause: unknown): Failure {
  return new Failure(111, 'Unable to rewind message. (#4.3.0)', cause)
}
export function cannotRead(cause: unknown): Failure {
  return new Failure(111, `Unable to read message: ${errorText(cause)}. (#4.3.0)`, cause)
}
export function cannotCopy(cause: unknown): Failure {
  return new Failure(111, `Unable to copy message for a program: ${errorText(cause)}. (#4.3.0)`, cause)
}
export function cannotRun(shell: string, cause: unknown): Failure {
  return new Failure(111, `Unable to run ${shell}: ${errorText(cause)}. (#4.3.0)`, cause)
}
export function childCrashed(): Failure {
  return new Failure(111, 'Aack, child crashed. (#4.3.0)')
}
export function programTookTooLong(command: string, seconds: number): Failure {
  return new Failure(111, `Ended a program after ${seconds} seconds, as control/programtimeout says: |${command.slice(0, 100)}. (#4.3.0)`)
}
export function systemStops(command: string): Failure {
  return new Failure(111, `The system stops, and with it a program: |${command.slice(0, 100)}. (#4.3.2)`)
}
/** @param text - what queue said, with its code */
export function cannotForward(exit: 100 | 111, text: string): Failure {
  return new Failure(exit, `Unable to forward message: ${text}.`)
}
