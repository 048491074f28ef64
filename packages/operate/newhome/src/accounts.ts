/**
 * The accounts that a new home is made for: who owns it, who owns alias/, who reads the mail that must have a reader.
 */
import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { account, type FileOwner, keysGroup, ownerOf } from '@yabumi/home'
import { Trouble } from '@yabumi/trouble'
import { Accounts, Users } from '@yabumi/users'
import type { Owner } from './layout.ts'

/** A delivery never runs as root, so alias/ of root's home belongs to the first of these that the system has. */
const aliasNames = ['alias', 'mail', 'nobody']

/**
 * Who gets which part of the home in the working directory: the accounts that own what is there already, as in an installed
 * home; where alias/ is not there, an account of the system; else the caller (undefined).
 */
export async function ownersHere(): Promise<(owner: Owner) => FileOwner | undefined> {
  if (process.getuid?.() !== 0) return () => undefined
  const alias = existsSync('alias') ? account('alias') : await aliasOwner()
  return (owner) => {
    if (owner === 'home') return ownerOf('.')
    if (owner === 'alias') return alias
    try {
      if (owner === 'intake') return intake()
      if (owner === 'keys') return { uid: 0, gid: keysGroup() ?? ownerOf('.').gid }
      if (owner === 'certificates') return { uid: account('acme').uid, gid: keysGroup() ?? account('acme').gid }
      if (owner === 'correspondents') return { uid: account('remote').uid, gid: account('smtp').gid }
      return account(owner)
    } catch {
      return undefined // the part that says so is about to be made
    }
  }
}

/** The queue account, with the group that send has beside its own and remote has not; undefined if there is none. */
function intake(): FileOwner | undefined {
  const [queue, send, remote] = [account('queue'), account('send'), account('remote')]
  const gid = send.groups.find((group) => group !== remote.gid && !remote.groups.includes(group))
  return gid === undefined ? undefined : { uid: queue.uid, gid }
}

/** Who gets an alias/ of root's. */
async function aliasOwner(): Promise<FileOwner> {
  const accounts = new Accounts()
  for (const name of aliasNames) {
    const found = await accounts.find(name)
    if (found !== undefined && found.uid !== 0) return { uid: found.uid, gid: found.gid }
  }
  throw new Trouble('4.3.0', `no account for alias/: the system has none of ${aliasNames.join(', ')}; make one of them`)
}

/** The local part at which the caller receives mail; undefined for root and for accounts that cannot. */
export async function readerName(): Promise<string | undefined> {
  const uid = process.getuid?.() ?? 0
  const name = uid === 0 ? undefined : nameOf(uid)
  if (name === undefined) return undefined
  const found = await new Accounts().find(name)
  if (found?.uid !== uid) return undefined
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
