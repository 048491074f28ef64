/**
 * The lock of the mbox, flock(2), taken within a bounded time.
 *
 * Whoever had it may have put another file in the mbox's place; then that one is locked.
 */
import { closeSync, constants, fstatSync, openSync, statSync } from 'node:fs'
import { mboxLockSeconds } from '@yabumi/limits'
import { lock } from '@yabumi/posix'
import { errorText, Trouble } from '@yabumi/trouble'

const flags = constants.O_WRONLY | constants.O_NONBLOCK | constants.O_APPEND | constants.O_CREAT

/**
 * Lock the mbox, which is created if there is none.
 *
 * @returns the descriptor that holds the lock
 * @throws Trouble 4.2.1 if it cannot be opened, or others keep it locked
 */
export async function lockMbox(mbox: string): Promise<number> {
  const path = Buffer.from(mbox, 'latin1')
  try {
    for (;;) {
      const fd = openSync(path, flags, 0o600)
      if (!(await lock(fd, mboxLockSeconds))) throw Object.assign(new Error('timed out'), { code: 'ETIMEDOUT' })
      const [locked, present] = [fstatSync(fd), statSync(path, { throwIfNoEntry: false })]
      if (locked.ino === present?.ino && locked.dev === present.dev) return fd
      closeSync(fd)
    }
  } catch (cause) {
    throw new Trouble('4.2.1', `unable to lock ${mbox}: ${errorText(cause)}`, { cause })
  }
}
