/**
 * The accounts of a system installation (design: one for each part that is trusted with something of its own).
 *
 * accounts/ of the home says who they are. Names are needed only to make accounts, and to find them where a home has no
 * accounts/ yet. An account that has the name is taken. Else it is the owner of that part of an existing home, such as
 * qmail's; else one is made.
 */
import { execFileSync } from 'node:child_process'
import { account, type FileOwner, hasAccounts, isOneUsers, partOwners, type Role, roles } from '@yabumi/home'
import { errorText, Trouble } from '@yabumi/trouble'

/** These read what the queue account writes; the others have a group of their own, and no right to queue/ at all. */
export const sharesQueue: ReadonlySet<Role> = new Set(['queue', 'send', 'remote'])
const nobodysHome = '/nonexistent'

/** Which home, and what its accounts are called. */
export interface AccountSettings {
  /** Absolute path of the home. */
  readonly home: string
  /** In front of every path that is written; empty, or the root of a package in the making. */
  readonly destdir: string
  /** What the accounts' names begin with: `yabumi-`. */
  readonly accountPrefix: string
}

export type Accounts = Record<Role, FileOwner>

export function accountName(role: Role, { accountPrefix }: AccountSettings): string {
  return `${accountPrefix}${role}`
}

export function groupName(role: Role, settings: AccountSettings): string {
  return sharesQueue.has(role) ? settings.accountPrefix.replace(/-$/, '') : accountName(role, settings)
}

/**
 * The account of a role, if there is one.
 *
 * @throws Trouble 4.3.0 if it owns its part of a home that has no accounts/ yet, and cannot be believed
 */
export function findAccount(role: Role, settings: AccountSettings): FileOwner | undefined {
  const home = `${settings.destdir}${settings.home}`
  if (hasAccounts(home)) return ofEntry(role, home) ?? ofName(accountName(role, settings))
  return ofName(accountName(role, settings)) ?? ofPart(role, home)
}

function ofName(name: string): FileOwner | undefined {
  const fields = databaseEntry('passwd', name)
  return fields === undefined ? undefined : { uid: Number(fields[2]), gid: Number(fields[3]) }
}

/** What is wrong with an entry is said by check-install, and put right by name. */
function ofEntry(role: Role, home: string): FileOwner | undefined {
  try {
    const { uid, gid } = account(role, home)
    return { uid, gid }
  } catch {
    return undefined
  }
}

function ofPart(role: Role, home: string): FileOwner | undefined {
  const owners = partOwners(home)
  const owner = owners.get(role)
  if (owner === undefined || owner.uid === 0) return undefined
  if (role !== 'alias' && isOneUsers(owners)) {
    throw new Trouble('4.3.0', `everything in ${home} is uid ${owner.uid}'s; run make install as that user, or choose another YABUMI_HOME`)
  }
  return owner
}

/**
 * Whose todo/ and lock/trigger are: the queue account's, with a group that send is in beside the one that all three share. A send that was found as
 * the owner of a part, such as qmail's, has none: its programs take their own group alone. Nor has a home of one user.
 */
export function findIntake(settings: AccountSettings): FileOwner | undefined {
  if (process.getuid?.() !== 0) return undefined
  const queue = findAccount('queue', settings)
  const group = databaseEntry('group', accountName('send', settings))
  const isMember = membersOf(accountName('send', settings)).includes(accountName('send', settings))
  return queue === undefined || group === undefined || !isMember ? undefined : { uid: queue.uid, gid: Number(group[2]) }
}

/** The group with which those who speak TLS to strangers read its keys. Nobody is a member: they begin as root, and take it (spec §16.5). */
export function tlsGroupName({ accountPrefix }: AccountSettings): string {
  return `${accountPrefix}keys`
}

/** Whose accounts/keys is, and the keys themselves; undefined while there is no such group. */
export function findKeys(settings: AccountSettings): FileOwner | undefined {
  const group = databaseEntry('group', tlsGroupName(settings))
  return process.getuid?.() !== 0 || group === undefined ? undefined : { uid: 0, gid: Number(group[2]) }
}

/** The group whose only member is remote: it reads the keys that sign mail (spec §19.1). */
export function keyGroupName({ accountPrefix }: AccountSettings): string {
  return `${accountPrefix}remotekeys`
}

/** Whether the account is known by the name that it would be made with. */
export function hasOwnName(role: Role, settings: AccountSettings): boolean {
  return databaseEntry('passwd', accountName(role, settings)) !== undefined
}

/** Find or make every account. @param made - is told of each one that had to be made */
export function ensureAccounts(settings: AccountSettings, made: (name: string) => void): Accounts {
  const entries = roles.map((role): [Role, FileOwner] => {
    const found = findAccount(role, settings)
    if (found !== undefined) return [role, found]
    makeAccount(role, settings)
    made(accountName(role, settings))
    const account = findAccount(role, settings)
    if (account === undefined) throw new Trouble('4.3.0', `account ${accountName(role, settings)} was made, but is not there`)
    return [role, account]
  })
  if (hasOwnName('send', settings) && findIntake(settings) === undefined)
    makeGroup(accountName('send', settings), accountName('send', settings))
  const remote = accountName('remote', settings)
  if (hasOwnName('remote', settings) && !membersOf(keyGroupName(settings)).includes(remote)) makeGroup(keyGroupName(settings), remote)
  if (findKeys(settings) === undefined) makeGroup(tlsGroupName(settings))
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
function makeAccount(role: Role, settings: AccountSettings): void {
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

/** A group, with an account as its member or none. */
function makeGroup(name: string, member?: string): void {
  const hasUseradd = exists('useradd')
  try {
    if (databaseEntry('group', name) === undefined) {
      if (hasUseradd) run('groupadd', '--system', name)
      else run('addgroup', '-S', name)
    }
    if (member === undefined) return
    if (hasUseradd) run('usermod', '-a', '-G', name, member)
    else run('addgroup', member, name)
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
