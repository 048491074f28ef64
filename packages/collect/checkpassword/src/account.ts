/** How this process becomes the account that a login's session runs as. */
import { becomeAccount } from '@yabumi/home'
import type { Mailbox } from '@yabumi/users'

/**
 * Drop root for good. Without root there is nothing to drop, and only one account to be.
 *
 * @returns false if this process cannot become that account
 */
export function become({ uid, gid }: Mailbox): boolean {
  if (process.geteuid?.() !== 0) return process.getuid?.() === uid
  becomeAccount({ uid, gid, groups: [] })
  return true
}
