/**
 * A program of the operator's that knows which recipients exist (RCPTCHECK, spec §11).
 *
 * It finds SENDER, RECIPIENT and HELO in its environment, nothing on descriptor 0, and our descriptor 2 on 1 and 2.
 * Exit codes: 100 no such mailbox, 111 cannot tell, 120 cannot run; all others accept.
 */
import type { ChildProcess } from 'node:child_process'
import { startProgram } from '@yabumi/child'
import { homeDirectory } from '@yabumi/home'
import { recipientCheckSeconds } from '@yabumi/limits'
import { cannotRunExit } from '@yabumi/trouble'
import { noMailbox, type Reaction, reply } from './replies.ts'

export type CheckResult = 'accepted' | 'no mailbox' | 'cannot tell' | 'cannot run'

/** What is said where a program has checked the recipient and not accepted it. */
export const checked: Readonly<Partial<Record<CheckResult, Reaction>>> = {
  'no mailbox': { reply: noMailbox },
  'cannot tell': { reply: reply.cannotVerify, next: 'abort' },
  'cannot run': { reply: reply.cannotCheck, next: 'abort' },
}

/** What is asked; byte strings. */
export interface Question {
  readonly sender: string
  readonly recipient: string
  readonly helo: string | undefined
}

const byExitCode: Readonly<Record<number, CheckResult>> = { 100: 'no mailbox', 111: 'cannot tell', [cannotRunExit]: 'cannot run' }

/**
 * Run the program. Never rejects; one that takes too long is ended and cannot tell.
 *
 * @param program - its path, relative to the home; PATH is not searched
 */
export function checkRecipient(program: string, question: Question, environment: ReadonlyMap<string, string>): Promise<CheckResult> {
  return new Promise((resolve) => {
    let child: ChildProcess
    try {
      child = start(program, question, environment)
    } catch {
      resolve('cannot run') // no process or descriptor to be had
      return
    }
    const impatience = setTimeout(() => child.kill('SIGKILL'), 1000 * recipientCheckSeconds)
    const end = (result: CheckResult): void => {
      clearTimeout(impatience)
      resolve(result)
    }
    child.once('error', () => end('cannot run'))
    child.once('exit', (code) => end(code === null ? 'cannot tell' : (byExitCode[code] ?? 'accepted')))
  })
}

function start(program: string, { sender, recipient, helo }: Question, environment: ReadonlyMap<string, string>): ChildProcess {
  const env = new Map(environment).set('SENDER', sender).set('RECIPIENT', recipient)
  if (helo === undefined) env.delete('HELO')
  else env.set('HELO', helo)
  const file = program.includes('/') ? program : `./${program}`
  return startProgram({ file, args: [], env }, { cwd: homeDirectory(), argv0: program, stdio: ['ignore', 2, 'inherit'] })
}
