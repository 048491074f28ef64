/** A resident program obeys a changed control file from the next use on, as programs do that qmail starts each time. */
import { statSync } from 'node:fs'

/** A file changed this recently may change again without a trace in its times (their grain is some milliseconds). */
const settledMilliseconds = 1_000

interface Kept<T> {
  readonly value: T
  /** Of each file. */
  readonly stamps: readonly string[]
  /** Of the directory: as long as it is the same, what was not there still is not. */
  directory: string | undefined
}

/**
 * Keep a value that is made from control files, and make it again after one of them has changed, appeared or gone.
 *
 * Costs one stat(2), and one for each file that is there, a turn of the event loop: what arrives together is done by what
 * was read once. A change is obeyed from the next turn on.
 *
 * @param names - the files under control/ that `make` reads
 * @param make - may throw; then nothing is kept
 * @returns the function that gives the value
 */
export function keepUntilChanged<T>(names: readonly string[], make: () => T): () => T {
  let kept: Kept<T> | undefined
  return () => {
    const directory = stampOf('control')
    if (kept !== undefined && isFresh(kept, names, directory)) return kept.value
    const stamps = names.map((name) => stampOf(`control/${name}`))
    const value = make()
    kept = stamps.every((stamp) => stamp !== undefined) ? { value, stamps, directory } : undefined
    return value
  }
}

function isFresh<T>(kept: Kept<T>, names: readonly string[], directory: string | undefined): boolean {
  const sameNames = directory !== undefined && directory === kept.directory
  for (const [index, name] of names.entries()) {
    const stamp = kept.stamps[index]
    if (!(sameNames && stamp === absent) && stampOf(`control/${name}`) !== stamp) return false
  }
  kept.directory = directory
  return true
}

const absent = '-'

const seen = new Map<string, string>()

/** What the file system says of a file in this turn of the event loop; undefined while that cannot be relied on. */
function stampOf(path: string): string | undefined {
  const known = seen.get(path)
  if (known !== undefined) return known
  const stamp = readStamp(path)
  if (stamp === undefined) return undefined
  if (seen.size === 0) setImmediate(() => seen.clear())
  seen.set(path, stamp)
  return stamp
}

function readStamp(path: string): string | undefined {
  const stat = statSync(path, { throwIfNoEntry: false })
  if (stat === undefined) return absent
  return Date.now() - stat.ctimeMs < settledMilliseconds ? undefined : `${stat.ino} ${stat.size} ${stat.mtimeMs} ${stat.ctimeMs}`
}
