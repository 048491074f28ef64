/**
 * Put files in place. Each appears whole under its name, by a rename. So programs that run go on running, and those
 * that start find either the old file or the new one. Owner and mode are those of the file that was made, by its
 * descriptor.
 */
import {
  closeSync,
  constants,
  copyFileSync,
  fchmodSync,
  fchownSync,
  futimesSync,
  lchownSync,
  lstatSync,
  openSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { basename, dirname } from 'node:path'
import { inDirectory, makeDirectories } from '@yabumi/home'
import { errnoOf, errorText, Trouble } from '@yabumi/trouble'
import type { Item } from './programs.ts'

const caller = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 }

/** @throws Trouble that names the path */
export function putItem(item: Item): void {
  try {
    makeDirectories(dirname(item.path))
    inDirectory(dirname(item.path), (directory) => {
      const name = `${directory}/${basename(item.path)}`
      if (isInPlace(item, name)) return
      const next = `${name}.new`
      rmSync(next, { force: true })
      write(item, next)
      renameSync(next, name)
    })
  } catch (cause) {
    throw unableToInstall(item.path, cause)
  }
}

/** What is said of a path that could not be made; to a caller without rights there, how else. */
export function unableToInstall(path: string, cause: unknown): Trouble {
  const advice =
    errnoOf(cause) === 'EACCES' && caller.uid !== 0 ? '; run make install as root, or with a PREFIX and a YABUMI_HOME of yours' : ''
  return new Trouble('4.3.0', `unable to install ${path}: ${errorText(cause)}${advice}`, { cause })
}

/** Remove a file or link, if it is there. @throws Trouble that names it */
export function removeFile(path: string): void {
  try {
    inDirectory(dirname(path), (directory) => rmSync(`${directory}/${basename(path)}`, { force: true }))
  } catch (cause) {
    if (errnoOf(cause) === 'ENOENT') return
    throw new Trouble('4.3.0', `unable to remove ${path}: ${errorText(cause)}`, { cause })
  }
}

function write(item: Item, path: string): void {
  if (item.kind === 'link') {
    symlinkSync(item.target, path)
    lchownSync(path, caller.uid, caller.gid)
    return
  }
  const fd = openSync(path, 'wx', 0o600)
  try {
    if (item.kind === 'text') writeFileSync(fd, item.text)
    else copy(item.source, fd)
    fchownSync(fd, caller.uid, caller.gid)
    fchmodSync(fd, item.mode)
  } finally {
    closeSync(fd)
  }
}

/** With its times, by which it is known to be the same next time. */
function copy(source: string, fd: number): void {
  copyFileSync(source, `/proc/self/fd/${fd}`, constants.COPYFILE_FICLONE)
  const { atime, mtime } = statSync(source)
  futimesSync(fd, atime, mtime)
}

function isInPlace(item: Item, name: string): boolean {
  const stats = lstatSync(name, { throwIfNoEntry: false })
  if (stats === undefined || stats.uid !== caller.uid) return false
  if (item.kind === 'link') return stats.isSymbolicLink() && readlinkSync(name) === item.target
  if (!stats.isFile() || (stats.mode & 0o7777) !== item.mode) return false
  if (item.kind === 'text') return readFileSync(name, 'utf8') === item.text
  const source = statSync(item.source)
  return source.size === stats.size && source.mtimeMs === stats.mtimeMs
}
