/** What must hold before anything is started: a whole home, the right account, and no second supervise. */
import { mkdirSync, openSync } from 'node:fs'
import { readLine } from '@yabumi/control'
import { uidOf } from '@yabumi/home'
import { tryLock } from '@yabumi/posix'
import { errorText, Trouble } from '@yabumi/trouble'

/**
 * Look at the home in the working directory.
 *
 * @returns the host's name, from control/me
 * @throws Trouble 4.3.0, in words that name the file and the remedy, if it cannot be run by this account
 */
export function checkHome(): string {
  const here = process.cwd()
  const hostName = readLine('me')
  if (!hostName) throw new Trouble('4.3.0', `${here}/control/me is missing or empty; make ${here} a home with config-fast HOST`)
  const owner = uidOf('queue')
  const caller = process.getuid?.()
  if (caller !== 0 && caller !== owner) {
    throw new Trouble('4.3.0', `${here}/queue belongs to uid ${owner}, and this is uid ${caller}; run supervise as that account or as root`)
  }
  return hostName
}

/**
 * Take the lock that makes this the only supervise of its home. It is given back when the process ends, however it ends.
 *
 * @returns the descriptor of the locked file
 * @throws Trouble 4.3.0 if another one holds it
 */
export function takeLock(home: string): number {
  const path = `${home}/supervise/lock`
  let fd: number
  try {
    mkdirSync('supervise', { recursive: true, mode: 0o755 })
    fd = openSync('supervise/lock', 'a', 0o644)
  } catch (cause) {
    throw new Trouble('4.3.0', `unable to open ${path}: ${errorText(cause)}; run supervise as the owner of ${home}`, { cause })
  }
  if (tryLock(fd)) return fd
  throw new Trouble('4.3.0', `${path} is locked: another supervise runs this home; stop that one first, or set YABUMI_HOME`)
}
