/**
 * An account that several mailboxes have. control/sharedaccounts has its uid before one of them is in the table. So
 * none is ever delivered to as if its rights were its own.
 */
import { roles, uidsOf } from '@yabumi/home'
import { Trouble } from '@yabumi/trouble'
import { Accounts, sharingOf } from '@yabumi/users'
import type { Owner } from './homes.ts'
import { addLine } from './lists.ts'
import { addressOf } from './names.ts'
import { readTable } from './table.ts'

/**
 * @param account - a name of passwd
 * @returns whose the home of the mailbox is
 * @throws Trouble 5.5.4 if the account is none, or one that mailboxes must not have
 */
export async function shareAccount(account: string): Promise<Owner> {
  if (process.getuid?.() !== 0) throw new Trouble('5.5.4', '--account is for root, who alone can give a home to an account')
  const found = await new Accounts().find(account)
  if (found === undefined) throw new Trouble('5.5.4', `there is no account ${account}; make it, without a password and a shell`)
  const { uid, gid } = found
  if (uid === 0 || gid === 0) throw new Trouble('5.5.4', `no mailbox is ${account}'s: that is root, or in root's group`)
  if (uidsOf(roles).has(uid)) throw new Trouble('5.5.4', `${account} is an account of this mail system; mailboxes have another`)
  const alone = readTable().find((each) => each.uid === uid && !sharingOf(uid).isShared)
  if (alone !== undefined) throw new Trouble('5.5.4', `uid ${uid} is that of ${addressOf(alone.name)} alone`)
  addLine('sharedaccounts', String(uid))
  return { uid, gid }
}
