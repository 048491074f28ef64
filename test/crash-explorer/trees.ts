/** Reading real trees: what is in the watched directories. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { errnoOf } from '@yabumi/trouble'

/** Every file below a directory, by its path there; `lock` is passed over. Nothing is read, which would make files younger. */
export function pathsBelow(directory: string, prefix = ''): string[] {
  return readdirSync(directory, { withFileTypes: true }).flatMap((entry) => {
    const name = prefix === '' ? entry.name : `${prefix}/${entry.name}`
    if (entry.isDirectory()) return entry.name === 'lock' ? [] : pathsBelow(join(directory, entry.name), name)
    return entry.isFile() ? [name] : []
  })
}

/** The same with what is in them. A file that goes meanwhile is not there. */
export function filesBelow(directory: string, prefix = ''): Map<string, Buffer> {
  const files = new Map<string, Buffer>()
  for (const path of pathsBelow(directory)) {
    const bytes = read(join(directory, path))
    if (bytes !== undefined) files.set(prefix === '' ? path : `${prefix}/${path}`, bytes)
  }
  return files
}

function read(path: string): Buffer | undefined {
  try {
    return readFileSync(path)
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined
    throw error
  }
}
