/**
 * Open a file of the queue, whatever somebody has put in its place. No link is followed, nobody waits for a FIFO, and
 * no device is used.
 */
import { closeSync, constants, fstatSync, openSync, type Stats } from 'node:fs'
import { errnoOf, Trouble } from '@yabumi/trouble'

const careful = constants.O_NOFOLLOW | constants.O_NONBLOCK
/** How the system says that a link, a FIFO or a directory cannot be opened so. */
const otherTypes = new Set(['ELOOP', 'ENXIO', 'EISDIR'])

/**
 * @param flags - of open(2); what O_CREAT makes has mode 600
 * @throws the system's error; Trouble 4.3.0 for what is no regular file
 */
export function openQueueFile(path: string, flags: number): { readonly fd: number; readonly stats: Stats } {
  let fd: number
  try {
    fd = openSync(path, flags | careful, 0o600)
  } catch (cause) {
    throw otherTypes.has(errnoOf(cause) ?? '') ? notRegular(path, cause) : cause
  }
  const stats = fstatSync(fd)
  if (stats.isFile()) return { fd, stats }
  closeSync(fd)
  throw notRegular(path)
}

function notRegular(path: string, cause?: unknown): Trouble {
  return new Trouble('4.3.0', `${path} is not a regular file`, { cause })
}
