/** Start a program as somebody else. */
import type { ChildProcess, SpawnOptions } from 'node:child_process'
import { locate } from './locate.ts'
import { startProgram } from './start.ts'
import type { Program } from './words.ts'

/** What a user may do. */
export interface Rights {
  readonly uid: number
  readonly gid: number
  /** Further groups. */
  readonly groups: readonly number[]
}

/**
 * Start a program with a user's rights; only root may. spawn(2) as Node has it leaves no further group; setpriv(1) gives them, where it is.
 *
 * @param rights - undefined: this process's own
 */
export function startProgramAs(
  program: Program,
  rights: Rights | undefined,
  options: Omit<SpawnOptions, 'env' | 'shell' | 'uid' | 'gid'>,
): ChildProcess {
  if (rights === undefined) return startProgram(program, options)
  const { uid, gid, groups } = rights
  const setpriv = groups.length === 0 ? undefined : locate('setpriv', '/usr/bin:/bin')
  if (setpriv === undefined) return startProgram(program, { ...options, uid, gid })
  const words = [`--reuid=${uid}`, `--regid=${gid}`, `--groups=${groups.join(',')}`, '--', program.file, ...program.args]
  return startProgram({ ...program, file: setpriv, args: words }, options)
}
