/**
 * Make the parts of a home that are missing, and leave everything else as it is. The working directory is the home.
 *
 * Root does this in directories of other accounts. So they are reached step by step without links, and a part gets its
 * owner and mode by the descriptor of what was made.
 */
import {
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  fstatSync,
  lchownSync,
  lstatSync,
  mkdirSync,
  openSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { descend, type FileOwner } from '@yabumi/home'
import { makeFifo } from '@yabumi/posix'
import { errorText, Trouble } from '@yabumi/trouble'
import type { Owner, Part } from './layout.ts'

/**
 * Make a part that is missing.
 *
 * @param ownerOf - the account that gets it; undefined for the caller
 * @returns whether it was missing
 */
export function makePart(part: Part, ownerOf: (owner: Owner) => FileOwner | undefined = () => undefined): boolean {
  try {
    return descend('.', part.path, (name) => {
      if (lstatSync(name, { throwIfNoEntry: false }) !== undefined) return false
      make(part, name, ownerOf(part.owner))
      return true
    })
  } catch (cause) {
    throw new Trouble('4.3.0', `unable to make ${process.cwd()}/${part.path}: ${errorText(cause)}`, { cause })
  }
}

function make(part: Part, name: string, owner: FileOwner | undefined): void {
  switch (part.kind) {
    case 'directory':
      mkdirSync(name, part.mode)
      give(openMade(name), part.mode, owner)
      break
    case 'file': {
      const fd = openSync(name, 'wx', part.mode)
      writeFileSync(fd, part.content)
      give(fd, part.mode, owner)
      break
    }
    case 'fifo':
      makeFifo(name, part.mode)
      give(openMade(name), part.mode, owner)
      break
    case 'link':
      symlinkSync(part.target, name)
      if (owner !== undefined) lchownSync(name, owner.uid, owner.gid)
  }
}

/** What was made a moment ago, if it is still that. */
function openMade(name: string): number {
  const fd = openSync(name, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW)
  const stats = fstatSync(fd)
  if (stats.uid === process.geteuid?.() && (stats.isDirectory() || stats.nlink === 1)) return fd
  closeSync(fd)
  throw new Error('somebody has put something else there meanwhile')
}

/** Its owner and mode, in this order: a change of owner clears the set-gid bit. Closes it. */
function give(fd: number, mode: number, owner: FileOwner | undefined): void {
  try {
    if (owner !== undefined) fchownSync(fd, owner.uid, owner.gid)
    fchmodSync(fd, mode)
  } finally {
    closeSync(fd)
  }
}
