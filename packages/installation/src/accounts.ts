/**
 * The accounts of a system installation (design: one for each part that is trusted with something of its own).
 *
 * Who an account is, is said by what it owns. Names are needed only to make accounts, and to find them again: an account that has
 * the name is taken; else whoever owns that part of an existing home, such as qmail's; else one is made.
 */
import { execFileSync } from 'node:child_process'
import { account, type FileOwner, type Role } from '@yabumi/home'
import { errorText, Trouble } from '@yabumi/trouble'
import type { Settings } from './settings.ts'

export const roles: readonly Role[] = ['queue', 'send', 'remote', 'smtp', 'alias']
/** These read what the queue account writes; the others have a group of their own, and no right to queue/ at all. */
const sharesQueue: ReadonlySet<Role> = new Set(['queue', 'send', 'remote'])
const nobodysHome = '/nonexistent'

export type Accounts = Record<Role, FileOwner>

export function accountName(role: Role, { accountPrefix }: Settings): string {
  return `${accountPrefix}${role}`
}

export function groupName(role: Role, settings: Settings): string {
  return sharesQueue.has(role) ? settings.accountPrefix.replace(/-$/, '') : accountName(role, settings)
}

/** The account of a role, if there is one. */
export function findAccount(role: Role, settings: Settings): FileOwner | undefined {
  const fields = databaseEntry('passwd', accountName(role, settings))
  if (fields !== undefined) return { uid: Number(fields[2]), gid: Number(fields[3]) }
  try {
    const owner = account(role, `${settings.destdir}${settings.home}`)
    return owner.uid === 0 ? undefined : owner
  } catch {
    return undefined // there is no such home yet
  }
}

/**
 * Whose todo/ and lock/trigger are: the queue account's, with a group that send is in beside the one that all three share. A send that was found as
 * the owner of a part, such as qmail's, has none: its programs take their own group alone. Nor has a home of one user.
 */
export function findIntake(settings: Settings): FileOwner | undefined {
  if (process.getuid?.() !== 0) return undefined
  const queue = findAccount('queue', settings)
  const group = databaseEntry('group', accountName('send', settings))
  const isMember = membersOf(accountName('send', settings)).includes(accountName('send', settings))
  return queue === undefined || group === undefined || !isMember ? undefined : { uid: queue.uid, gid: Number(group[2]) }
}

/** Whether the account is known by the name that it would be made with. */
export function hasOwnName(role: Role, settings: Settings): boolean {
  return databaseEntry('passwd', accountName(role, settings)) !== undefined
}

/** Find or make every account. @param made - is told of each one that had to be made */
export function ensureAccounts(settings: Settings, made: (name: string) => void): Accounts {
  const entries = roles.map((role): [Role, FileOwner] => {
    const found = findAccount(role, settings)
    if (found !== undefined) return [role, found]
    makeAccount(role, settings)
    made(accountName(role, settings))
    const account = findAccount(role, settings)
    if (account === undefined) throw new Trouble('4.3.0', `account ${accountName(role, settings)} was made, but is not there`)
    return [role, account]
  })
  if (hasOwnName('send', settings) && findIntake(settings) === undefined) makeGroup(accountName('send', settings))
  return Object.fromEntries(entries) as Accounts
}

/** The lines of a group's members, besides those whose own group it is. */
export function membersOf(group: string): string[] {
  return databaseEntry('group', group)?.[3]?.split(',').filter(Boolean) ?? []
}

/** The name of a number, or the number. */
export function nameOf(database: 'passwd' | 'group', id: number): string {
  return databaseEntry(database, String(id))?.[0] ?? String(id)
}

function databaseEntry(database: 'passwd' | 'group', key: string): string[] | undefined {
  try {
    return run('getent', database, key).trimEnd().split(':')
  } catch {
    return undefined
  }
}

/** useradd is everywhere but on systems with nothing but busybox. */
function makeAccount(role: Role, settings: Settings): void {
  const name = accountName(role, settings)
  const group = groupName(role, settings)
  const hasUseradd = exists('useradd')
  try {
    if (databaseEntry('group', group) === undefined) {
      if (hasUseradd) run('groupadd', '--system', group)
      else run('addgroup', '-S', group)
    }
    if (hasUseradd)
      run('useradd', '--system', '--no-create-home', '--home-dir', nobodysHome, '--shell', '/usr/sbin/nologin', '-g', group, name)
    else run('adduser', '-S', '-D', '-H', '-h', nobodysHome, '-s', '/sbin/nologin', '-G', group, name)
  } catch (cause) {
    throw new Trouble('4.3.0', `unable to make account ${name}: ${errorText(cause)}`, { cause })
  }
}

/** A group of an account's own name, with that account as its member. */
function makeGroup(name: string): void {
  const hasUseradd = exists('useradd')
  try {
    if (databaseEntry('group', name) === undefined) {
      if (hasUseradd) run('groupadd', '--system', name)
      else run('addgroup', '-S', name)
    }
    if (hasUseradd) run('usermod', '-a', '-G', name, name)
    else run('addgroup', name, name)
  } catch (cause) {
    throw new Trouble('4.3.0', `unable to make group ${name}: ${errorText(cause)}`, { cause })
  }
}

function exists(program: string): boolean {
  try {
    run('sh', '-c', 'command -v "$0"', program)
    return true
  } catch {
    return false
  }
}

function run(file: string, ...args: string[]): string {
  const env = { PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin:/usr/bin:/bin` }
  return execFileSync(file, args, { env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
}
