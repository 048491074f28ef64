/** Start the command that a program of a .qmail line was given, and wait for its end (spec §8.4, §8.6). */
import { startProgram } from '@yabumi/child'
import { errorText, isTemporary, Trouble } from '@yabumi/trouble'

export type Command = readonly [file: string, ...args: string[]]
/** Variables as byte strings: the whole environment of the command. */
export type Environment = ReadonlyMap<string, string>

/** The command could not be started. The first digit of its status says whether that may pass. */
export class CannotRun extends Trouble {
  constructor(file: string, cause: unknown) {
    super(isTemporary(cause) ? '4.3.0' : '5.3.0', `unable to run ${file}: ${errorText(cause)}`, { cause })
  }
}

/**
 * Run a command, searched for in PATH. It keeps descriptors 1 and 2 and the working directory.
 *
 * @param stdin - its descriptor 0, which stays the caller's to close
 * @param stop - kills it
 * @returns its exit code, once it has ended
 * @throws CannotRun; Trouble 4.3.0 if a signal ended it
 */
export function runCommand([file, ...args]: Command, env: Environment, stdin: number, stop?: AbortSignal): Promise<number> {
  return new Promise((resolve, reject) => {
    try {
      if (file === '') throw Object.assign(new Error('no file has an empty name'), { code: 'ENOENT' }) // Node has no errno for it
      const child = startProgram({ file, args, env }, { stdio: [stdin, 'inherit', 'inherit'] })
      stop?.addEventListener('abort', () => child.kill('SIGKILL'))
      child.once('error', (cause) => reject(new CannotRun(file, cause)))
      child.once('exit', (code) => (code === null ? reject(new Trouble('4.3.0', 'child crashed')) : resolve(code)))
    } catch (cause) {
      reject(new CannotRun(file, cause)) // Node tells some failures of an exec by an exception, others by an event
    }
  })
}

/** Run a command of the shell's on the message, from where descriptor 0 stands. @returns, @throws as of runCommand() */
export function runShell(text: string, env: Environment): Promise<number> {
  return runCommand(['/bin/sh', '-c', text], env, 0)
}
