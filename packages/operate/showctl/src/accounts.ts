/** The accounts of a home, by number: nothing names them. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { account, hasAccounts, ownerOf, type Role, uidOf } from '@yabumi/home'

/** In the order of the reference program: alias, network daemons, log, owner of the files, passwords, queue, remote, send. */
const users: readonly (Role | 'home')[] = ['alias', 'smtp', 'log', 'home', 'auth', 'queue', 'remote', 'send']
/** No files, queue. */
const groups: readonly (Role | 'home')[] = ['home', 'queue']

export function userIds(home: string): string[] {
  return users.map((role) => show(() => (role === 'home' || isNobodys(role, home) ? ownerOf(home).uid : uidOf(role, home))))
}

export function groupIds(home: string): string[] {
  return groups.map((role) => show(() => (role === 'home' ? ownerOf(home) : account(role, home)).gid))
}

/** What a home without accounts/ has nobody for is whatever the home belongs to. */
function isNobodys(role: Role, home: string): boolean {
  if (hasAccounts(home)) return false
  return role === 'log' || role === 'auth' || (role === 'smtp' && !existsSync(join(home, 'smtpd')))
}

function show(id: () => number): string {
  try {
    return String(id())
  } catch {
    return 'unknown' // that part of the home is not there
  }
}
