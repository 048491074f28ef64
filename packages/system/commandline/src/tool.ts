/** The form that most of qmail's small programs have in common (spec §8.6): how they complain, and the exit code. */
import { exitCode, Trouble } from '@yabumi/trouble'
import { calledName } from './called.ts'
import { complain } from './complain.ts'

/** A command line that makes no sense: `NAME: usage: ...` instead of `NAME: fatal: ...`, and exit code 100. */
export class UsageTrouble extends Trouble {
  /** What was wrong with it, a line to be said first. */
  readonly complaint: string | undefined

  /** @param usage - the text behind `usage: ` */
  constructor(usage: string, complaint?: string) {
    super('5.5.4', `usage: ${usage}`)
    this.complaint = complaint
  }
}

/** Do a small program's work, which says the exit code; an error becomes a line on descriptor 2, under the name it was called by, and exit code 100 or 111. */
export async function runTool(name: string, work: () => Promise<number> | number): Promise<void> {
  process.exitCode = 111 // until it is known: to end because nothing is left to wait for is no success
  try {
    process.exitCode = await work()
  } catch (error) {
    const isUsage = error instanceof UsageTrouble
    if (isUsage && error.complaint !== undefined) complain(error.complaint)
    const called = calledName(name)
    const text = error instanceof Error ? error.message : String(error)
    complain(`${called}: ${isUsage ? text.replace(`usage: ${name} `, `usage: ${called} `) : `fatal: ${text}`}`)
    process.exitCode = exitCode(error)
  }
}
