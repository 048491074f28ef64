/** Which process holds a lock, as the kernel says. */
import { lstatSync, readdirSync, readFileSync, readlinkSync, realpathSync } from 'node:fs'

/**
 * The process that holds the flock(2) of a file.
 *
 * @returns undefined if the kernel does not say, or not us
 */
export function holderOf(path: string): number | undefined {
  try {
    const { ino } = lstatSync(path)
    const lines = readFileSync('/proc/locks', 'latin1').split('\n')
    const pids = lines
      .map((line) => line.trim().split(/\s+/))
      .filter(([, kind, , , , file]) => kind === 'FLOCK' && file?.split(':')[2] === String(ino))
      .map((words) => Number(words[4]))
    return pids.find((pid) => hasOpen(pid, realpathSync(path)))
  } catch {
    return undefined
  }
}

function hasOpen(pid: number, path: string): boolean {
  const directory = `/proc/${pid}/fd`
  try {
    return readdirSync(directory).some((fd) => target(`${directory}/${fd}`) === path)
  } catch {
    return false
  }
}

function target(link: string): string | undefined {
  try {
    return readlinkSync(link)
  } catch {
    return undefined
  }
}
