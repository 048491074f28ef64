/**
 * Give a home accounts of its own.
 */
import type { FileOwner } from '@yabumi/home'
import type { Owner } from '@yabumi/newhome'
import { type AccountSettings, ensureAccounts, findIntake, findKeys } from './accounts.ts'
import { makeHomeParts, ownedParts } from './homeparts.ts'

/** As root an account for each role; else everything is the caller's. @param say - is given a line for each account that is made */
export function ownersOf(settings: AccountSettings, say: (line: string) => void): (owner: Owner) => FileOwner {
  const caller = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 }
  if (caller.uid !== 0) return () => caller
  const accounts = ensureAccounts(settings, (name) => say(`made account ${name}`))
  const keys = findKeys(settings)
  const others = {
    ...accounts,
    home: { uid: 0, gid: accounts.queue.gid },
    intake: findIntake(settings) ?? accounts.queue,
    keys: keys ?? { uid: 0, gid: 0 },
    certificates: { uid: accounts.acme.uid, gid: keys?.gid ?? accounts.acme.gid },
    correspondents: { uid: accounts.remote.uid, gid: accounts.smtp.gid },
  }
  return (owner) => others[owner]
}

/** Give a home of root's, which is made already, accounts of its own. The working directory is the home. @param say - is given a line for each account that is made */
export function giveAccounts(settings: AccountSettings, say: (line: string) => void): void {
  const ownerOf = ownersOf(settings, say)
  const mask = process.umask(0)
  try {
    makeHomeParts(ownedParts(findIntake(settings) !== undefined), ownerOf)
  } finally {
    process.umask(mask) // what the caller makes next, and whom it starts, is not for everybody to write
  }
}
