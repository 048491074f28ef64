/** A process that works for one user: whom root starts it for, in words, and the first thing that it does with them. */
import { Trouble } from '@yabumi/trouble'
import type { Account } from './account.ts'
import { becomeAccount } from './accounts.ts'

/** The words that becomeUser() understands. */
export function userWords({ uid, gid, groups }: Account): string[] {
  return [String(uid), String(gid), groups.join(',')]
}

/**
 * Become a user for good, before anything is read. Without words this process has the user's rights already.
 *
 * Root starts such a process as itself: so it has all of the user's groups, and the user cannot take its descriptors (it is not dumpable).
 *
 * @throws Trouble 4.3.0 if that cannot be done, or root would remain
 */
export function becomeUser(words: readonly string[]): void {
  if (words.length > 0) {
    const [uid = 0, gid = 0, ...groups] = words.join(',').split(',').filter(Boolean).map(Number)
    becomeAccount({ uid, gid, groups })
    if (process.geteuid?.() !== uid || process.getuid?.() !== uid || process.getegid?.() !== gid || process.getgid?.() !== gid) {
      throw new Trouble('4.3.0', `unable to become user ${uid}`)
    }
  }
  if (process.getuid?.() === 0) throw new Trouble('4.3.0', 'mail is never delivered as root')
}
