/**
 * How a submission can end: the exit codes of spec §2.1. At the socket the same numbers are the answer.
 *
 * Codes 11 to 40 are permanent for the client, all others mean "try again".
 */
export const exitCode = {
  queued: 0,
  addressTooLong: 11,
  outOfMemory: 51,
  timeout: 52,
  writeError: 53,
  readError: 54,
  home: 61,
  queue: 62,
  pid: 63,
  mess: 64,
  intd: 65,
  todo: 66,
  nobodyListens: 67,
  bug: 81,
  format: 91,
} as const

export type ExitCode = (typeof exitCode)[keyof typeof exitCode]

/** What stops one message, with the exit code that says so. */
export class QueueTrouble extends Error {
  override readonly name = 'QueueTrouble'
  readonly code: ExitCode

  constructor(code: ExitCode, options?: ErrorOptions) {
    super(`queue trouble ${code}`, options)
    this.code = code
  }
}

/** The exit code for anything thrown while a message is queued. What nobody expected is a bug: try again. */
export function codeOf(error: unknown): ExitCode {
  return error instanceof QueueTrouble ? error.code : exitCode.bug
}

/** Do one step; whatever it throws becomes this exit code. */
export function step<T>(code: ExitCode, act: () => T): T {
  try {
    return act()
  } catch (cause) {
    throw new QueueTrouble(code, { cause })
  }
}
