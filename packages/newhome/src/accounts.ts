/** The accounts that a new home is made for: who owns it, who owns alias/, who reads the mail that must have a reader. */
import { execFileSync } from 'node:child_process'
import { statSync } from 'node:fs'
import type { Account } from '@yabumi/home'
import { Trouble } from '@yabumi/trouble'
import { Accounts, Users } from '@yabumi/users'

/** A delivery never runs as root, so alias/ of root's home belongs to the first of these that the system has. */
const aliasNames = ['alias', 'mail', 'nobody']

/**
 * As root in somebody else's directory (the working directory): become that account for good. It owns what is made here
 * then, and whatever it has put in the way leads nowhere that it could not go itself.
 */
export function becomeOwner(): void {
  const { uid, gid } = statSync('.')
  if (process.getuid?.() !== 0 || uid === 0) return
  process.setgroups?.([gid])
  process.setgid?.(gid)
  process.setuid?.(uid)
}

/** Who gets alias/; undefined for the caller. */
export async function aliasOwner(): Promise<Account | undefined> {
  if (process.getuid?.() !== 0) return undefined
  const accounts = new Accounts()
  for (const name of aliasNames) {
    const account = await accounts.find(name)
    if (account !== undefined && account.uid !== 0) return { uid: account.uid, gid: account.gid }
  }
  throw new Trouble('4.3.0', `no account for alias/: the system has none of ${aliasNames.join(', ')}; make one of them`)
}

/** The local part at which the caller receives mail; undefined for root and for accounts that cannot. */
export async function readerName(): Promise<string | undefined> {
  const uid = process.getuid?.() ?? 0
  const name = uid === 0 ? undefined : nameOf(uid)
  if (name === undefined) return undefined
  const account = await new Accounts().find(name)
  if (account?.uid !== uid) return undefined
  try {
    const user = await new Users('.').find(name)
    return user.user === name && user.dash === '' ? name : undefined
  } catch {
    return undefined // there is no alias/ yet to fall back to, which is all that can be wrong
  }
}

function nameOf(uid: number): string | undefined {
  try {
    const output = execFileSync('getent', ['passwd', String(uid)], { stdio: ['ignore', 'pipe', 'ignore'] })
    return /^[^:\n]+/.exec(output.toString('latin1'))?.[0]
  } catch {
    return undefined
  }
}
