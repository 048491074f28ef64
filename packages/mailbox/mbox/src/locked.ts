/**
 * Short steps on an mbox under its flock(2), which delivery agents take for each message: while we hold it nobody
 * appends.
 */
import { closeSync, constants, fstatSync, openSync, statSync } from 'node:fs'
import { mboxLockSeconds } from '@yabumi/limits'
import { lock } from '@yabumi/posix'
import { Trouble } from '@yabumi/trouble'

/** Others have kept the lock for too long. */
export class MboxInUse extends Trouble {}

/**
 * Open and lock an mbox, do something with it, and let it go.
 *
 * @param path - a byte string
 * @throws the system's error if it cannot be opened; MboxInUse if it stays locked by others; Trouble 4.3.0 if it is no plain file
 */
export async function withMbox<T>(path: string, access: 'read' | 'write', step: (fd: number) => T): Promise<T> {
  const file = Buffer.from(path, 'latin1')
  for (;;) {
    const fd = openSync(file, (access === 'read' ? constants.O_RDONLY : constants.O_RDWR) | constants.O_NONBLOCK)
    try {
      const opened = fstatSync(fd)
      if (!opened.isFile()) throw new Trouble('4.3.0', `${path} is not a plain file`)
      if (!(await lock(fd, mboxLockSeconds)))
        throw new MboxInUse('4.3.0', `${path} has been locked for ${mboxLockSeconds} seconds straight`)
      const present = statSync(file)
      if (present.ino === opened.ino && present.dev === opened.dev) return step(fd)
    } finally {
      closeSync(fd)
    }
  }
}
