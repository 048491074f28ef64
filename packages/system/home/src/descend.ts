/**
 * Work in directories of other accounts: by descriptors, so that no link that one of them has planted is followed at
 * any step.
 */
import { closeSync, constants, openSync } from 'node:fs'

export const O_PATH = 0o10000000 // open(2): it need not be readable

/**
 * Go down from a directory, step by step, and do something with the last name of the path.
 *
 * @param top - may be reached by links; what is below it may not
 * @param work - is given a path by which the last name, whatever it is now, is found in the directory that was reached; good until it returns
 * @throws the system's error, ENOTDIR or ELOOP, where a step is a link
 */
export function descend<T>(top: string, path: string, work: (name: string) => T): T {
  const steps = path.split('/')
  const last = steps.pop()
  let fd = openSync(top, O_PATH | constants.O_DIRECTORY)
  try {
    for (const step of steps) {
      const next = openSync(`/proc/self/fd/${fd}/${step}`, O_PATH | constants.O_DIRECTORY | constants.O_NOFOLLOW)
      closeSync(fd)
      fd = next
    }
    return work(`/proc/self/fd/${fd}/${last}`)
  } finally {
    closeSync(fd)
  }
}
