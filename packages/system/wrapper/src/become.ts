/** A wrapper ends by becoming the program that it stands before: same process, same descriptors. */
import { becomeProgram } from '@yabumi/child'
import { byteEnvironment } from '@yabumi/commandline'
import { Trouble } from '@yabumi/trouble'

/**
 * Become the first of some programs that can be run, with these arguments.
 *
 * @param files - paths, or names that are searched for in PATH
 * @throws Trouble 4.3.0 if none can be run
 */
export function become(files: readonly string[], args: readonly string[]): never {
  for (const file of files) becomeProgram({ file, args, env: byteEnvironment() })
  throw new Trouble('4.3.0', `unable to run ${files.join(' or ')}`)
}
