import { byteEnvironment } from '@yabumi/commandline'
import { CountedSubmission } from './counted.ts'
import { cannotExec, type Outcome, outcomeOf } from './outcome.ts'
import { PendingSubmission } from './pending.ts'
import { connectToQueue, takeIdle } from './pool.ts'
import { ownQueue, ProgramSubmission } from './program.ts'
import { RefusedSubmission } from './refused.ts'
import { ResidentSubmission } from './resident.ts'

export interface SubmissionOptions {
  /**
   * Who submits, where this process may speak for a role: `network` for smtpd and its kin, `bounce` for send.
   * The resident queue believes it only from the account that has the role; the one-shot queue goes by uid alone.
   */
  readonly role?: 'network' | 'bounce'
  /** Where QMAILQUEUE is looked up, and what a queue program gets; by default this process's own environment. */
  readonly environment?: ReadonlyMap<string, string>
  /** Received and Delivered-To lines that the submitter puts in front by himself: they are not counted as hops. Or he has counted already. */
  readonly ownHops?: number | 'counted'
}

/** A message on its way to queue. Nothing is queued before finish() has said K. */
export interface Submission {
  /**
   * Add bytes to the message. The buffer must not change afterwards.
   *
   * @returns false if the caller should wait for drained() before it writes more
   */
  write(bytes: Buffer): boolean
  /** Resolves when there is room again; at once if queue is gone, because finish() will tell. */
  drained(): Promise<void>
  /** Hand over the envelope and wait for the verdict. Never rejects: trouble is an outcome. */
  finish(sender: string, recipients: Iterable<string>): Promise<Outcome>
  /** Take the message back: queue sees an early end and keeps nothing that counts. */
  abandon(): Promise<Outcome>
}

/**
 * Begin a message. Never throws: trouble is what finish() says. A message with as many hops as the limit is one that is looping, and is refused here,
 * which every way into the queue leads through.
 */
export function openSubmission(options: SubmissionOptions = {}): Submission {
  const { ownHops = 0 } = options
  return ownHops === 'counted' ? openWay(options) : new CountedSubmission(openWay(options), ownHops)
}

function openWay(options: SubmissionOptions): Submission {
  const environment = options.environment ?? byteEnvironment()
  const program = environment.get('QMAILQUEUE')
  if (program !== undefined) return runQueue(program, environment)
  const idle = takeIdle()
  if (idle !== undefined) return new ResidentSubmission(idle, options.role)
  const way = connectToQueue().then((connection) =>
    connection === undefined ? runQueue(ownQueue, environment) : new ResidentSubmission(connection, options.role),
  )
  return new PendingSubmission(way)
}

function runQueue(program: string, environment: ReadonlyMap<string, string>): Submission {
  try {
    return new ProgramSubmission(program, environment)
  } catch {
    return new RefusedSubmission(outcomeOf(cannotExec, '0')) // no descriptor or process to be had
  }
}
