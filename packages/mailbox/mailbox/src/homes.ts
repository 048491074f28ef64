/**
 * The homes of mailboxes: `mailboxes/DOMAIN/NAME` of the home, mode 700, the mailbox's own. The directories above are
 * the home owner's, 755.
 *
 * Trust   root makes them in directories that nobody else writes, and gives them away when they are whole. What is
 *         given is never entered again, but by repair
 * Crash   leaves a directory whose name begins with a dot, or a whole home, whose mailbox is added by doing it again
 */
import { chmodSync, chownSync, closeSync, fsyncSync, lstatSync, mkdirSync, openSync, renameSync, rmSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { syncDirectory } from '@yabumi/files'
import { errorText, Trouble } from '@yabumi/trouble'
import type { Name } from './names.ts'

const top = 'mailboxes'
const removed = `${top}/.removed`
const parts = ['Maildir/tmp', 'Maildir/new', 'Maildir/cur', 'Maildir']

export interface Owner {
  readonly uid: number
  readonly gid: number
}

/** @returns the absolute path of the home that a mailbox has, or would have */
export function homeOf({ localPart, domain }: Name): string {
  return resolve(top, domain, localPart)
}

/** Who owns a home that is there already; undefined if none is. @throws Trouble 4.3.0 if it is no directory */
export function ownerOfHome(name: Name): Owner | undefined {
  const stats = lstatSync(homeOf(name), { throwIfNoEntry: false })
  if (stats === undefined) return undefined
  if (!stats.isDirectory()) throw new Trouble('4.3.0', `${homeOf(name)} is no directory`)
  return { uid: stats.uid, gid: stats.gid }
}

/** Make a home with an empty Maildir; it is on the disk when this returns. @throws Trouble 4.3.0 that names it */
export function makeHome(name: Name, { uid, gid }: Owner): void {
  const home = homeOf(name)
  const next = `${dirname(home)}/.${name.localPart}.new`
  try {
    makeAbove(dirname(home))
    rmSync(next, { recursive: true, force: true })
    mkdirSync(next, { mode: 0o700 })
    mkdirSync(`${next}/Maildir`, { mode: 0o700 })
    for (const part of parts.slice(0, -1)) mkdirSync(`${next}/${part}`, { mode: 0o700 })
    for (const part of parts) give(`${next}/${part}`, uid, gid)
    give(next, uid, gid)
    renameSync(next, home)
    syncDirectory(dirname(home))
  } catch (cause) {
    throw new Trouble('4.3.0', `unable to make ${home}: ${errorText(cause)}`, { cause })
  }
}

function give(path: string, uid: number, gid: number): void {
  const fd = openSync(path, 'r')
  try {
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
  chownSync(path, uid, gid)
}

/** Directories that belong to whoever runs this, and that others may pass. */
function makeAbove(directory: string): void {
  for (const path of [top, directory]) {
    if (lstatSync(path, { throwIfNoEntry: false }) !== undefined) continue
    mkdirSync(path)
    chmodSync(path, 0o755) // whatever the umask
    syncDirectory(dirname(path))
  }
}

/** Put a home away, where nobody but the home's owner comes. @returns where it lies now. @throws Trouble 4.3.0 */
export function putAway(name: Name, now: Date): string {
  const home = homeOf(name)
  const stamp = now.toISOString().replace(/[-:]|\..*/g, '')
  const target = resolve(removed, `${name.localPart}@${name.domain}.${stamp}`)
  try {
    if (lstatSync(removed, { throwIfNoEntry: false }) === undefined) mkdirSync(removed, { mode: 0o700 })
    renameSync(home, target)
    syncDirectory(removed)
    syncDirectory(dirname(home))
    return target
  } catch (cause) {
    throw new Trouble('4.3.0', `unable to move ${home} to ${target}: ${errorText(cause)}`, { cause })
  }
}

/** Whether a home is as it should be. */
export function isSettled(name: Name, { uid, gid }: Owner): boolean {
  const stats = lstatSync(homeOf(name), { throwIfNoEntry: false })
  return stats?.isDirectory() === true && stats.uid === uid && stats.gid === gid && (stats.mode & 0o777) === 0o700
}
