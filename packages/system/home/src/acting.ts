/**
 * Root's own tools work as the account whose files they touch. What that account has put in the way, a link above all,
 * then leads nowhere that it could not go itself.
 *
 * For a tool of one account: become(), for good. For one that needs several: actAs() and asAccount(), which change the
 * effective user and groups of all threads. The real and the saved user stay root, so that no account may signal or
 * trace the tool meanwhile.
 */
import { lstatSync, statSync } from 'node:fs'
import type { Account, Role } from './account.ts'
import { accountToBecome, becomeAccount } from './accounts.ts'
import { systemAccount } from './groups.ts'

/** As root become the account of a role for good; nothing for others, and where the home is root's own. The working directory is the home. @throws as account() */
export function become(role: Role): void {
  const account = accountToBecome(role)
  if (account !== undefined) becomeAccount(account)
}

/**
 * As root become, for good, the account whose a directory is: the first one on the way to it that is not root's, or who has put a link there. What is
 * made is its own then.
 *
 * @param directory - relative to the working directory, or absolute; as far as it is there
 */
export function becomeOwner(directory: string): void {
  if (process.getuid?.() !== 0) return
  const steps = directory.split('/').filter(Boolean)
  for (let path = directory.startsWith('/') ? '/' : '.'; ; path = `${path}/${steps.shift()}`) {
    const name = Buffer.from(path, 'latin1')
    const stats = [lstatSync(name, { throwIfNoEntry: false }), statSync(name, { throwIfNoEntry: false })]
    const owner = stats.find((each) => each !== undefined && each.uid !== 0)
    if (owner !== undefined) {
      becomeAccount({ uid: owner.uid, gid: systemAccount(owner.uid)?.gid ?? owner.gid, groups: [] })
      return
    }
    if (steps.length === 0 || stats.includes(undefined)) return
  }
}

/**
 * Act as an account from now on.
 *
 * @param account - undefined, as of accountToBecome(), changes nothing
 * @returns the way back to whoever acted before
 */
export function actAs(account: Account | undefined): () => void {
  const [uid, gid, groups] = [process.geteuid?.() ?? 0, process.getegid?.() ?? 0, process.getgroups?.() ?? []]
  if (account === undefined || process.getuid?.() !== 0 || account.uid === uid) return () => undefined
  act(account.uid, account.gid, [account.gid, ...account.groups])
  return () => act(uid, gid, groups)
}

/** Do something as an account; a promise, until it is settled. Nothing else is done meanwhile. */
export function asAccount<T>(account: Account | undefined, work: () => T): T {
  const back = actAs(account)
  let result: T
  try {
    result = work()
  } catch (error) {
    back()
    throw error
  }
  if (result instanceof Promise) return result.finally(back) as T
  back()
  return result
}

/** Only root may choose groups. */
function act(uid: number, gid: number, groups: readonly number[]): void {
  process.seteuid?.(0)
  process.setgroups?.([...groups])
  process.setegid?.(gid)
  process.seteuid?.(uid)
}
