/**
 * Who reads mail that comes to alias/: its dotfiles. The working directory is the home.
 *
 * Trust   root; the directory is the account alias', so no link in it is followed, and no file of its is written
 */
import { closeSync, constants, fstatSync, lstatSync, openSync, readFileSync, unlinkSync } from 'node:fs'
import { descend } from '@yabumi/home'
import { makePart } from '@yabumi/newhome'
import { errnoOf } from '@yabumi/trouble'

/** What config-fast writes where it knows no reader. */
const kept = './Maildir/\n'

/** @param name - what stands behind `.qmail-` */
export function hasReader(name: string): boolean {
  return lstatSync(pathOf(name), { throwIfNoEntry: false }) !== undefined
}

/** Whether the mail is kept in alias/Maildir, as config-fast has it, so that nobody reads it who does not look there. */
export function isKept(name: string): boolean {
  try {
    return descend('.', pathOf(name), (entry) => contentOf(entry)) === kept
  } catch (error) {
    if (errnoOf(error) === 'ENOENT' || errnoOf(error) === 'ELOOP') return false
    throw error
  }
}

function contentOf(entry: string): string {
  const fd = openSync(entry, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  try {
    return fstatSync(fd).isFile() ? readFileSync(fd, 'latin1') : ''
  } finally {
    closeSync(fd)
  }
}

export function removeReader(name: string): void {
  descend('.', pathOf(name), (entry) => unlinkSync(entry))
}

/** Where there is no dotfile yet. */
export function makeReader(name: string, address: string): void {
  makePart({ kind: 'file', path: pathOf(name), mode: 0o644, content: Buffer.from(`&${address}\n`), owner: 'home' })
}

function pathOf(name: string): string {
  return `alias/.qmail-${name}`
}
