/** The home of a delivery's user: where it takes place, if the user has left it in order (spec §2.7.2). */
import { closeSync, constants, openSync, type Stats, statSync } from 'node:fs'
import { cannotStatHome, cannotSwitch, homeIsWritable } from './failure.ts'
import { othersMayWrite } from './strangers.ts'

const sticky = 0o1000

/**
 * Make a user's home the working directory, and check it.
 *
 * @param home - byte string
 * @returns whether it is sticky: the user's sign to wait with deliveries
 * @throws Failure if it is missing or writable for others
 */
export function enterUserHome(home: string): boolean {
  try {
    changeDirectory(home)
  } catch (cause) {
    throw cannotSwitch(home, cause)
  }
  let status: Stats
  try {
    status = statSync('.')
  } catch (cause) {
    throw cannotStatHome(cause)
  }
  if (othersMayWrite(status)) throw homeIsWritable()
  return (status.mode & sticky) !== 0
}

/** Node takes names in UTF-8 only; a directory of another name is reached by its descriptor. */
function changeDirectory(path: string): void {
  if (/^[\0-\x7f]*$/.test(path)) {
    process.chdir(path)
    return
  }
  const fd = openSync(Buffer.from(path, 'latin1'), constants.O_RDONLY | constants.O_DIRECTORY)
  try {
    process.chdir(`/proc/self/fd/${fd}`)
  } finally {
    closeSync(fd)
  }
}
