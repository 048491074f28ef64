/**
 * Directories by their paths, for root. A link on the way is followed only if it is root's, because whoever may write a
 * directory above could have put another one there.
 */
import { closeSync, constants, fchmodSync, lstatSync, mkdirSync, openSync, readlinkSync, type Stats } from 'node:fs'
import { resolve } from 'node:path'
import { errnoOf } from '@yabumi/trouble'
import { O_PATH } from './descend.ts'

const maximumLinks = 40 // as many as the system follows
const directoryMode = 0o755

/**
 * Do something in a directory.
 *
 * @param path - absolute
 * @param work - is given a path that leads to this very directory, until it returns
 * @throws the system's error if it is not there; an Error that says so where a part of the path is a link of somebody else than root
 */
export function inDirectory<T>(path: string, work: (directory: string) => T): T {
  return walk(path, () => undefined, work)
}

/** Make a directory and those above it, as far as they are missing, with the mode of a system's own. @throws as inDirectory() */
export function makeDirectories(path: string): void {
  walk(path, makeDirectory, () => undefined)
}

function walk<T>(path: string, missing: (name: string) => void, work: (directory: string) => T): T {
  const steps = path.split('/').filter(Boolean)
  let reached = '/'
  let fd = openSync(reached, O_PATH | constants.O_DIRECTORY)
  try {
    for (let links = 0; steps.length > 0; ) {
      const step = steps.shift() as string
      const name = `/proc/self/fd/${fd}/${step}`
      const here = resolve(reached, step)
      const stats = lstatSync(name, { throwIfNoEntry: false })
      if (stats === undefined) missing(name)
      const isLink = stats?.isSymbolicLink() === true
      if (isLink) {
        links += 1
        checkLink(here, stats, links)
        steps.unshift(...resolve(reached, readlinkSync(name)).split('/').filter(Boolean))
      }
      const next = openSync(isLink ? '/' : name, O_PATH | constants.O_DIRECTORY | constants.O_NOFOLLOW)
      reached = isLink ? '/' : here
      closeSync(fd)
      fd = next
    }
    return work(`/proc/self/fd/${fd}`)
  } finally {
    closeSync(fd)
  }
}

function checkLink(path: string, { uid }: Stats, links: number): void {
  if (links > maximumLinks) throw new Error(`${path}: too many links`)
  if (process.getuid?.() === 0 && uid !== 0) throw new Error(`${path} is a link of uid ${uid}'s`)
}

function makeDirectory(name: string): void {
  try {
    mkdirSync(name, directoryMode)
  } catch (error) {
    if (errnoOf(error) === 'EEXIST') return
    throw error
  }
  const fd = openSync(name, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW)
  try {
    fchmodSync(fd, directoryMode) // whatever the umask
  } finally {
    closeSync(fd)
  }
}
