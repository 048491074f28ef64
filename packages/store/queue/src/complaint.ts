/**
 * What the operator should know: trouble of this system, one line each kind, at most once a minute. What a client has
 * done wrong is told to the client alone.
 */
import { FrameError } from '@yabumi/enqueue'
import { Seldom } from '@yabumi/logline'
import { errnoOf, errorText } from '@yabumi/trouble'
import { type ExitCode, exitCode, QueueTrouble } from './exitcode.ts'

const acts: Partial<Record<ExitCode, string>> = {
  [exitCode.writeError]: 'write in queue/',
  [exitCode.pid]: 'create files in queue/pid',
  [exitCode.mess]: 'create files in queue/mess',
  [exitCode.intd]: 'create files in queue/intd',
  [exitCode.todo]: 'create files in queue/todo',
}

const remedies: Record<string, string> = {
  ENOSPC: 'make room on its file system',
  EDQUOT: 'make room on its file system',
  ENOENT: 'repair the queue with config-fast',
  ENOTDIR: 'repair the queue with config-fast',
  EACCES: 'the owner of queue/ must be able to write there',
  EMFILE: 'raise the limit of open files',
  ENFILE: 'raise the limit of open files',
}

/** The line for an error; undefined for what is the client's own doing. */
export function complaintAbout(error: unknown, home: string): string | undefined {
  if (error instanceof FrameError) return undefined
  if (!(error instanceof QueueTrouble)) return `queue: bug: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`
  const act = acts[error.code]
  if (act === undefined || error.cause === undefined) return undefined
  const remedy = remedies[errnoOf(error.cause) ?? ''] ?? 'look after the disk'
  return `queue: unable to ${act} of ${home}: ${errorText(error.cause)}; messages are turned away for now; ${remedy}`
}

/** Passes complaints on, but not the same one again and again. */
export class Complaints {
  readonly #home: string
  readonly #seldom: Seldom

  constructor(home: string, complain: (line: string) => void) {
    this.#home = home
    this.#seldom = new Seldom(complain)
  }

  /** @param now - as performance.now() */
  tell(error: unknown, now: number): void {
    const line = complaintAbout(error, this.#home)
    if (line !== undefined) this.#seldom.say(line, line, now)
  }

  /** A client that gets no place, in words. */
  refused(line: string): void {
    this.#seldom.say(line, `queue: ${line}`)
  }
}
