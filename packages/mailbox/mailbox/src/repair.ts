/**
 * Give a home back to its mailbox, after a backup has laid it down as somebody else's.
 *
 * Only a home that is not the mailbox's now: its user cannot have put anything into it. It is root's, and closed, until
 * everything in it is settled. A file with a second name may be somebody else's, so it is left, and named.
 */
import { chmodSync, chownSync, lchownSync, lstatSync, readdirSync } from 'node:fs'
import { descend } from '@yabumi/home'
import { errorText, Trouble } from '@yabumi/trouble'
import type { Owner } from './homes.ts'

/** @param home - absolute path. @returns the files that were left. @throws Trouble 4.3.0 */
export function repair(home: string, { uid, gid }: Owner): string[] {
  const left: string[] = []
  try {
    chownSync(home, 0, 0)
    chmodSync(home, 0o700)
    for (const path of readdirSync(home, { recursive: true, encoding: 'latin1' })) {
      const isLeft = descend(home, path, (name) => {
        const stats = lstatSync(name)
        if (!stats.isDirectory() && stats.nlink > 1) return true
        lchownSync(name, uid, gid)
        return false
      })
      if (isLeft) left.push(path)
    }
    chownSync(home, uid, gid)
    return left
  } catch (cause) {
    throw new Trouble('4.3.0', `unable to repair ${home}: ${errorText(cause)}`, { cause })
  }
}
