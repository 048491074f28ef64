/**
 * Where a home has its passwords: `state/auth/passwords`, the auth account's, or in a home of one user
 * `users/passwords`.
 *
 * Root moves them from the one to the other, once: the new file is whole and on the disk before the old one goes. So a
 * crash leaves one of them, or both with the same lines.
 */
import { chmodSync, chownSync, existsSync, lstatSync, mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { replaceFile, syncDirectory } from '@yabumi/files'
import { asAccount, type FileOwner } from '@yabumi/home'
import { errorText, Trouble } from '@yabumi/trouble'
import { readPasswords } from './file.ts'

const ofAccount = 'state/auth/passwords'
const ofHome = 'users/passwords'

/** The file of a home, which need not exist yet. */
export function passwordPath(home: string): string {
  const [own, common] = [join(home, ofAccount), join(home, ofHome)]
  return existsSync(own) || (existsSync(join(home, 'state/auth')) && !existsSync(common)) ? own : common
}

/**
 * Give the passwords to the auth account, and make the directory for them. The working directory is the home, the caller is root.
 *
 * @returns whether there were some to move
 * @throws Trouble 4.3.0 if that cannot be done; the old file is still there then
 */
export function givePasswords({ uid, gid }: FileOwner): boolean {
  try {
    makeDirectory({ uid, gid })
    const passwords = readPasswords(ofHome)
    if (passwords === undefined) return false
    asAccount({ uid, gid, groups: [] }, () => {
      const own = readPasswords(ofAccount)
      if (own === undefined) replaceFile(ofAccount, Buffer.from(passwords, 'latin1'))
      else if (own !== passwords) throw twoFiles() // a version from before wrote the old one since
    })
    rmSync(ofHome)
    rmSync(`${ofHome}.lock`, { force: true })
    syncDirectory('users')
    return true
  } catch (cause) {
    if (cause instanceof Trouble) throw cause
    throw new Trouble('4.3.0', `unable to move ${ofHome} to ${ofAccount}: ${errorText(cause)}`, { cause })
  }
}

function twoFiles(): Trouble {
  return new Trouble('4.3.0', `both ${ofHome} and ${ofAccount} are there, and they differ: remove the one that shall not count`)
}

/** state/ is root's, so nobody else can have put something in the way. */
function makeDirectory({ uid, gid }: FileOwner): void {
  if (!existsSync('state')) {
    mkdirSync('state')
    chmodSync('state', 0o755) // whatever the umask
  }
  if (!lstatSync('state').isDirectory()) throw new Trouble('4.3.0', 'state is no directory')
  if (lstatSync('state/auth', { throwIfNoEntry: false }) !== undefined) return
  mkdirSync('state/auth', 0o700)
  chownSync('state/auth', uid, gid)
}
