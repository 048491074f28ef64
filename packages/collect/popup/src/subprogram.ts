/** Run the program that checks the credentials and, if they are right, serves the client. */
import type { ChildProcess, StdioOptions } from 'node:child_process'
import type { Duplex } from 'node:stream'
import { startProgram } from '@yabumi/child'
import type { Answer, ClientLog, Credentials } from '@yabumi/loginclient'
import { errnoOf, errorText } from '@yabumi/trouble'

/** The program and its arguments; byte strings. */
export interface Subprogram {
  readonly file: string
  readonly args: readonly string[]
  readonly env: Iterable<readonly [name: string, value: string]>
}

/** How it went. `trouble` is what the client is told, if anything; `error` says why the program did not run. */
export interface Ended {
  readonly status: string
  readonly trouble: string | undefined
  readonly error?: unknown
}

/**
 * Start the program with the credentials on descriptor 3.
 *
 * @param network - what becomes its descriptors 0 and 1; descriptor 2 is ours
 * @param started - is given the process, once it runs
 * @param judged - called once the program has closed its descriptor 3, or has ended: the login is being checked no longer
 */
export function runSubprogram(
  program: Subprogram,
  network: [input: Network, output: Network],
  { login, secret }: Credentials,
  challenge: string,
  started: (child: ChildProcess) => void = () => {},
  judged: () => void = () => {},
): Promise<Ended> {
  return new Promise((resolve) => {
    const failed = (error: unknown): void => resolve({ status: 'not started', trouble: troubleOf(error), error })
    try {
      const child = startProgram(program, { stdio: [...network, 2, 'pipe'] })
      child.on('error', failed)
      child.on('spawn', () => started(child))
      child.on('exit', (code, signal) => resolve(endedWith(code, signal)))
      const pipe = child.stdio[3] as Duplex | undefined
      pipe?.resume().on('close', judged)
      pipe?.on('error', () => {}) // it did not read its descriptor 3: its exit status will say what that means
      pipe?.end(Buffer.from(`${login}\0${secret}\0${challenge}\0`, 'latin1'))
    } catch (error) {
      failed(error)
    }
  })
}

/** The exit code that says "not this one" (spec §6.2). */
const wrong = '1'

export function answerTo({ status, trouble = '' }: Ended): Answer {
  return { isWrong: status === wrong, word: trouble }
}

/** Tell the log how the program ended. @param child - where it is known */
export function tellEnd({ status, error }: Ended, file: string, login: string, log: ClientLog | undefined, child?: ChildProcess): void {
  if (error !== undefined) log?.notJudged(`unable to run ${file}: ${errorText(error)}`, login)
  else if (status === wrong) log?.wrong('wrong login or password', login)
  else log?.served(child?.pid, status, status === '0')
}

/** What node:child_process takes for a descriptor: a number or a socket. */
export type Network = Extract<StdioOptions, readonly unknown[]>[number]

function endedWith(code: number | null, signal: NodeJS.Signals | null): Ended {
  if (signal !== null) return { status: signal, trouble: '-ERR aack, child crashed' }
  return { status: String(code), trouble: code === 0 ? undefined : '-ERR authorization failed' }
}

/** qmail forks before it looks for the program, so only the fork itself can fail in a way of its own. */
function troubleOf(error: unknown): string {
  return ['EAGAIN', 'ENOMEM', 'EMFILE', 'ENFILE'].includes(errnoOf(error) ?? '') ? '-ERR unable to fork' : '-ERR authorization failed'
}
