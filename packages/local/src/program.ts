/** Run a user's command on the message (spec §2.7.5, program). */
import { startProgram } from '@yabumi/child'
import { rewind } from '@yabumi/posix'
import { cannotRewind, cannotRun, childCrashed, ProgramFailure } from './failure.ts'

const shell = '/bin/sh'
/** Exit codes that give up on the message: qmail's own, and those of sysexits(3) that will not change by themselves. */
const permanent = new Set([100, 64, 65, 70, 76, 77, 78, 112])
/** A program's way to say: done, and no further instruction. */
const stop = 99

/**
 * Run a command as the home's user, in the home, which is the working directory.
 *
 * @param fd - the message, which the command gets from its start as descriptor 0
 * @param output - the descriptors that are its descriptors 1 and 2
 * @returns whether to go on with the next instruction
 * @throws Failure if it could not be run or did not do well
 */
export async function runProgram(
  command: string,
  environment: ReadonlyMap<string, string>,
  fd: number,
  output: readonly [stdout: number, stderr: number],
): Promise<boolean> {
  try {
    rewind(fd)
  } catch (cause) {
    throw cannotRewind(cause)
  }
  const code = await new Promise<number>((resolve, reject) => {
    const child = startProgram({ file: shell, args: ['-c', command], env: environment }, { stdio: [fd, ...output] })
    child.on('error', (cause) => reject(cannotRun(shell, cause)))
    child.on('exit', (exit) => (exit === null ? reject(childCrashed()) : resolve(exit)))
  })
  if (code === 0) return true
  if (code === stop) return false
  throw new ProgramFailure(permanent.has(code) ? 100 : 111, '')
}
