/**
 * Root's first start of a home that has several accounts, and no accounts/ yet. Who they are is settled, and the owners
 * of parts say nothing from then on.
 */
import { chmodSync, chownSync, existsSync, mkdtempSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { syncDirectory } from '@yabumi/files'
import { errorText, Trouble } from '@yabumi/trouble'
import type { FileOwner, Role } from './account.ts'
import { type SystemAccount, systemAccount } from './groups.ts'
import { isOneUsers, partOwners } from './owners.ts'

const firstPerson = 1_000 // UID_MIN of login.defs(5)
const entryMode = 0o444

/**
 * Make accounts/ of the owners of today, and say so on descriptor 2, unless everything is one user's. The working directory is the home.
 *
 * @throws Trouble 4.3.0 if one of them cannot be an account
 */
export function settleAccounts(): void {
  const owners = partOwners('.')
  if (isOneUsers(owners)) return
  const { uid, mode } = statSync('.')
  if (uid !== 0 || (mode & 0o022) !== 0) {
    throw new Trouble(
      '4.3.0',
      `${resolve('.')} is not root's alone, so others could change any accounts in it; give it to root, and let nobody else write`,
    )
  }
  const accounts = new Map([...owners].map(([role, { uid }]) => [role, { uid, ...systemAccountOf(role, uid, owners) }]))
  if (write(accounts)) {
    const names = [...accounts].map(([role, { name }]) => `${role} ${name}`)
    process.stderr.write(`made ${resolve('accounts')}, which says from now on who does what: ${names.join(', ')}\n`)
  }
}

/** A person is no account, or whoever has a shell could do its work. */
function systemAccountOf(role: Role, uid: number, owners: ReadonlyMap<Role, FileOwner>): SystemAccount {
  const found = systemAccount(uid)
  const remedy = `give ${role} an account of its own with make install, or make accounts/ (packages/workshop/installation/README.md)`
  if (found === undefined) throw new Trouble('4.3.0', `uid ${uid}, who owns the part of ${role}, is no account of the system; ${remedy}`)
  if (uid !== owners.get('queue')?.uid && uid >= firstPerson && isLoginShell(found.shell)) {
    throw new Trouble('4.3.0', `${found.name}, who owns the part of ${role}, is a person; ${remedy}`)
  }
  return found
}

function isLoginShell(shell: string): boolean {
  if (/\/(nologin|false|true)$/.test(shell)) return false
  const shells = existsSync('/etc/shells') ? readFileSync('/etc/shells', 'latin1').split('\n') : []
  return ['', '/bin/sh', ...shells].includes(shell)
}

/** It appears whole, by a rename. @returns false if another program was first */
function write(accounts: ReadonlyMap<Role, FileOwner>): boolean {
  const made = mkdtempSync('accounts.')
  try {
    chownSync(made, 0, 0)
    for (const [role, { uid, gid }] of accounts) {
      const path = join(made, role)
      writeFileSync(path, '', { flag: 'wx' })
      chmodSync(path, entryMode)
      chownSync(path, uid, gid)
    }
    chmodSync(made, 0o755)
    syncDirectory(made)
    renameSync(made, 'accounts')
    syncDirectory('.')
    return true
  } catch (cause) {
    rmSync(made, { recursive: true, force: true })
    if (existsSync('accounts')) return false
    throw new Trouble('4.3.0', `unable to make ${resolve('accounts')}: ${errorText(cause)}`, { cause })
  }
}
