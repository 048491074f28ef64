/**
 * Become another program, with byte-exact arguments and environment: same process, same descriptors (execve(2)).
 */
import { locate } from './locate.ts'
import { asTexts, decoder, type Program, splitEnvironment } from './words.ts'

/**
 * Replace this process. A file name without a slash is searched for in the PATH of the new environment, as execvp(3) does.
 *
 * @returns only if that cannot be done: the file that is not there, or cannot be run
 */
export function becomeProgram(program: Program): string {
  const { plain, strange } = splitEnvironment(program.env)
  const file = locate(program.file, plain['PATH'])
  if (file === undefined) return program.file // Node would abort where execve(2) fails
  const [path, ...words] = asTexts([file, program.file, ...program.args]) ?? []
  if (path !== undefined && strange.length === 0) process.execve?.(path, words, plain)
  process.execve?.('/bin/sh', ['sh', '-c', decoder({ ...program, file }, strange)], plain)
  return program.file
}
