/**
 * Put files in place. Each appears whole under its name, by a rename, so that programs that run go on running and those that start find
 * either the old file or the new one.
 */
import {
  chmodSync,
  chownSync,
  constants,
  copyFileSync,
  lchownSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { dirname } from 'node:path'
import { errorText, Trouble } from '@yabumi/trouble'
import type { Item } from './programs.ts'

const directoryMode = 0o755

/** @throws Trouble that names the path */
export function putItem(item: Item): void {
  try {
    makeDirectories(dirname(item.path))
    if (isInPlace(item)) return
    const next = `${item.path}.new`
    rmSync(next, { force: true })
    write(item, next)
    renameSync(next, item.path)
  } catch (cause) {
    throw new Trouble('4.3.0', `unable to install ${item.path}: ${errorText(cause)}`, { cause })
  }
}

/** Directories that are missing, with the mode of a system's own. */
export function makeDirectories(path: string): void {
  if (lstatSync(path, { throwIfNoEntry: false }) !== undefined) return
  makeDirectories(dirname(path))
  mkdirSync(path)
  chmodSync(path, directoryMode)
}

function write(item: Item, path: string): void {
  if (item.kind === 'link') {
    symlinkSync(item.target, path)
    lchownSync(path, process.getuid?.() ?? 0, process.getgid?.() ?? 0)
    return
  }
  if (item.kind === 'text') writeFileSync(path, item.text, { flag: 'wx' })
  else {
    copyFileSync(item.source, path, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE)
    const { atime, mtime } = statSync(item.source)
    utimesSync(path, atime, mtime) // by which it is known to be the same next time
  }
  chownSync(path, process.getuid?.() ?? 0, process.getgid?.() ?? 0)
  chmodSync(path, item.mode)
}

function isInPlace(item: Item): boolean {
  const stats = lstatSync(item.path, { throwIfNoEntry: false })
  if (stats === undefined || stats.uid !== process.getuid?.()) return false
  if (item.kind === 'link') return stats.isSymbolicLink() && readlinkSync(item.path) === item.target
  if (!stats.isFile() || (stats.mode & 0o7777) !== item.mode) return false
  if (item.kind === 'text') return readFileSync(item.path, 'utf8') === item.text
  const source = statSync(item.source)
  return source.size === stats.size && source.mtimeMs === stats.mtimeMs
}
