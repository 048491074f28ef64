/** Make the parts of a home that are missing, and leave everything else as it is. The working directory is the home. */
import { chmodSync, closeSync, fchmodSync, lchownSync, lstatSync, mkdirSync, openSync, symlinkSync, writeFileSync } from 'node:fs'
import type { FileOwner } from '@yabumi/home'
import { makeFifo } from '@yabumi/posix'
import { errnoOf, errorText, Trouble } from '@yabumi/trouble'
import type { Owner, Part } from './layout.ts'

/**
 * Make a part that is missing.
 *
 * @param ownerOf - the account that gets it; undefined for the caller
 * @returns whether it was missing
 */
export function makePart(part: Part, ownerOf: (owner: Owner) => FileOwner | undefined = () => undefined): boolean {
  try {
    if (isThere(part.path)) return false
    make(part)
    settle(part, ownerOf(part.owner))
    return true
  } catch (cause) {
    throw new Trouble('4.3.0', `unable to make ${process.cwd()}/${part.path}: ${errorText(cause)}`, { cause })
  }
}

/** Give a part its owner and mode, in this order: a change of owner clears the set-gid bit. */
export function settle(part: Part, account: FileOwner | undefined): void {
  if (account !== undefined) lchownSync(part.path, account.uid, account.gid)
  if (part.kind === 'directory') chmodSync(part.path, part.mode)
}

function make(part: Part): void {
  switch (part.kind) {
    case 'directory':
      mkdirSync(part.path, part.mode)
      break
    case 'file':
      makeFile(part.path, part.mode, part.content)
      break
    case 'fifo':
      makeFifo(part.path, part.mode)
      break
    case 'link':
      symlinkSync(part.target, part.path)
  }
}

function makeFile(path: string, mode: number, content: Buffer): void {
  const fd = openSync(path, 'wx', mode)
  try {
    writeFileSync(fd, content)
    fchmodSync(fd, mode)
  } finally {
    closeSync(fd)
  }
}

function isThere(path: string): boolean {
  try {
    lstatSync(path)
    return true
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return false
    throw error
  }
}
