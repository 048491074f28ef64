/** Put the files of the service directories in place, whole or not at all, and only where they differ. */
import { chmodSync, lchownSync, lstatSync, mkdirSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { errnoOf, errorText, Trouble } from '@yabumi/trouble'

export interface ServiceFile {
  /** Relative to the directory of all services. */
  readonly path: string
  readonly text: string
  readonly executable: boolean
}

/**
 * Write every file that is not there as it should be. Everything else in the directory is left alone: the logs, the state of the
 * supervisor, the files `down` and `finish` that an operator may have added.
 *
 * @returns how many that were
 * @throws Trouble 4.3.0 that names the file
 */
export function writeServices(directory: string, files: readonly ServiceFile[]): number {
  let written = 0
  for (const file of files) {
    const path = join(directory, file.path)
    try {
      if (isInPlace(path, file)) continue
      put(path, file)
      written += 1
    } catch (cause) {
      throw new Trouble('4.3.0', `unable to write ${path}: ${errorText(cause)}`, { cause })
    }
  }
  return written
}

/**
 * Make the directories of the logs, and give them with what earlier loggers have written to the account that writes them now.
 *
 * Only what is root's is given: once a directory is the account's, root looks at nothing in it any more.
 *
 * @throws Trouble 4.3.0 that names the directory
 */
export function giveLogs(directory: string, files: readonly ServiceFile[], { uid, gid }: { uid: number; gid: number }): void {
  for (const { path } of files.filter(({ path }) => /[/-]log\/run$/.test(path))) {
    const main = join(directory, dirname(path), 'main')
    try {
      if (lstatSync(main, { throwIfNoEntry: false }) === undefined) mkdirSync(main, 0o755)
      const stats = lstatSync(main)
      if (stats.uid === uid) continue
      if (!stats.isDirectory() || stats.uid !== 0) throw new Error('it should be a directory of root or of the account of the logs')
      for (const name of readdirSync(main)) lchownSync(join(main, name), uid, gid)
      lchownSync(main, uid, gid)
    } catch (cause) {
      throw new Trouble('4.3.0', `unable to give ${main} to uid ${uid}: ${errorText(cause)}`, { cause })
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
