/** How a submission can end (spec §5.4): what these numbers say of queue, they say of the host that queues for us. */
export const exitCode = {
  queued: 0,
  addressTooLong: 11,
  refused: 31,
  outOfMemory: 51,
  readError: 54,
  controls: 55,
  socket: 56,
  home: 61,
  deferred: 71,
  timedOut: 72,
  notConnected: 73,
  broken: 74,
  bug: 81,
  format: 91,
} as const

export type ExitCode = (typeof exitCode)[keyof typeof exitCode]

/** An end before any host was asked. */
export class QmqpcTrouble extends Error {
  override readonly name = 'QmqpcTrouble'
  readonly code: ExitCode

  constructor(code: ExitCode, options?: ErrorOptions) {
    super(`exit ${code}`, options)
    this.code = code
  }
}

export function codeOf(error: unknown): ExitCode {
  return error instanceof QmqpcTrouble ? error.code : exitCode.bug
}

/** Do something whose failure has this code. */
export function step<Result>(code: ExitCode, act: () => Result): Result {
  try {
    return act()
  } catch (cause) {
    throw new QmqpcTrouble(code, { cause })
  }
}
