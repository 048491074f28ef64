/**
 * The parts of a home with accounts: each made if it is missing, and given its owner and mode.
 *
 * Runs as root in directories that belong to other accounts. So whatever is there already is opened without following
 * links, and changed by its descriptor only if it is what it should be.
 */
import { closeSync, constants, fchmodSync, fchownSync, fstatSync, lstatSync, openSync, readlinkSync, type Stats, unlinkSync } from 'node:fs'
import { descend, type FileOwner } from '@yabumi/home'
import { accountParts, commonParts, makePart, type Owner, type Part } from '@yabumi/newhome'
import { errorText, Trouble } from '@yabumi/trouble'

export const homeMode = 0o755

/** The parts of a home that every installation has, those of its accounts among them if root makes it. @param closed - as of commonParts() */
export function ownedParts(closed: boolean): Part[] {
  return [...(process.getuid?.() === 0 ? accountParts() : []), ...commonParts(closed)]
}

/** Make and settle parts. The working directory is the home. @throws Trouble that names the part */
export function makeHomeParts(parts: readonly Part[], ownerOf: (owner: Owner) => FileOwner): void {
  for (const part of parts) {
    removeOldLink(part)
    if (!makePart(part, ownerOf)) settleOld(part, ownerOf(part.owner))
  }
}

/** An earlier installation may have had its programs elsewhere. */
function removeOldLink(part: Part): void {
  if (part.kind !== 'link') return
  const stats = lstatSync(part.path, { throwIfNoEntry: false })
  if (stats?.isSymbolicLink() && readlinkSync(part.path) !== part.target) unlinkSync(part.path)
}

function settleOld(part: Part, { uid, gid }: FileOwner): void {
  if (part.kind === 'link') return
  const path = `${process.cwd()}/${part.path}`
  let fd: number | undefined
  try {
    fd = descend('.', part.path, (name) => openSync(name, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW))
    const stats = fstatSync(fd)
    if (!hasKind(stats, part) || (part.kind !== 'directory' && stats.nlink !== 1))
      throw new Error(`there is something else than a ${part.kind}`)
    if (stats.uid !== uid || stats.gid !== gid) fchownSync(fd, uid, gid)
    fchmodSync(fd, part.mode)
  } catch (cause) {
    throw new Trouble('4.3.0', `unable to settle ${path}: ${errorText(cause)}`, { cause })
  } finally {
    if (fd !== undefined) closeSync(fd)
  }
}

export function hasKind(stats: Stats, { kind }: Part): boolean {
  if (kind === 'directory') return stats.isDirectory()
  if (kind === 'link') return stats.isSymbolicLink()
  return kind === 'fifo' ? stats.isFIFO() : stats.isFile()
}
