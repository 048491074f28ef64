import { statSync } from 'node:fs'

/** A file changed this recently may change again without a trace in its times (their grain is some milliseconds). */
const settledMilliseconds = 1_000

/**
 * Keep a value that is made from control files, and make it again after one of them has changed, appeared or gone.
 *
 * For resident programs that take the place of ones that qmail starts each time: a change counts from the next use on.
 * Costs one stat(2) a file and use.
 *
 * @param names - the files under control/ that `make` reads
 * @param make - may throw; then nothing is kept
 * @returns the function that gives the value
 */
export function keepUntilChanged<T>(names: readonly string[], make: () => T): () => T {
  let kept: { readonly value: T; readonly stamp: string } | undefined
  return () => {
    const stamp = stampOf(names)
    if (kept === undefined || stamp === undefined || kept.stamp !== stamp) {
      const value = make()
      kept = stamp === undefined ? undefined : { value, stamp }
      return value
    }
    return kept.value
  }
}

/** What the file system says of the files; undefined while that cannot be relied on. */
function stampOf(names: readonly string[]): string | undefined {
  let stamp = ''
  for (const name of names) {
    const stat = statSync(`control/${name}`, { throwIfNoEntry: false })
    if (stat === undefined) stamp += '-;'
    else if (Date.now() - stat.ctimeMs < settledMilliseconds) return undefined
    else stamp += `${stat.ino} ${stat.size} ${stat.mtimeMs} ${stat.ctimeMs};`
  }
  return stamp
}
