/** Everything below a directory but directories. Links are not followed (readdir's own recursion does). */
import { lstatSync, readdirSync, type Stats } from 'node:fs'

/** Paths are byte strings; what is gone or closed meanwhile is left out. */
export function* filesBelow(directory: string): Generator<[path: string, stats: Stats]> {
  for (const name of namesIn(directory)) {
    const path = `${directory}/${name}`
    const stats = lstatSync(bytes(path), { throwIfNoEntry: false })
    if (stats?.isDirectory() === true) yield* filesBelow(path)
    else if (stats !== undefined) yield [path, stats]
  }
}

function namesIn(directory: string): string[] {
  try {
    return lstatSync(bytes(directory)).isDirectory() ? readdirSync(bytes(directory), { encoding: 'latin1' }) : []
  } catch {
    return []
  }
}

function bytes(path: string): Buffer {
  return Buffer.from(path, 'latin1')
}
