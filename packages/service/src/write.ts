/** Put the files of the service directories in place, whole or not at all, and only where they differ. */
import { chmodSync, mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { errnoOf, errorText, Trouble } from '@yabumi/trouble'
import type { ServiceFile } from './scripts.ts'

/**
 * Write every file that is not there as it should be. Everything else in the directory is left alone: the logs, the state of the
 * supervisor, the files `down` and `finish` that an operator may have added.
 *
 * @throws Trouble 4.3.0 that names the file
 */
export function writeServices(directory: string, files: readonly ServiceFile[]): void {
  for (const file of files) {
    const path = join(directory, file.path)
    try {
      if (!isInPlace(path, file)) put(path, file)
    } catch (cause) {
      throw new Trouble('4.3.0', `unable to write ${path}: ${errorText(cause)}`, { cause })
    }
  }
}

function modeOf({ executable }: ServiceFile): number {
  return executable ? 0o755 : 0o644
}

function isInPlace(path: string, file: ServiceFile): boolean {
  try {
    return readFileSync(path, 'utf8') === file.text && (statSync(path).mode & 0o777) === modeOf(file)
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return false
    throw error
  }
}

function put(path: string, file: ServiceFile): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o755 })
  const next = `${path}.new` // the supervisor may start it at any time
  writeFileSync(next, file.text)
  chmodSync(next, modeOf(file))
  renameSync(next, path)
}
