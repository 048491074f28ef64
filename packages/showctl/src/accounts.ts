/** The accounts of a home, by what they own: nothing names them. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { account, ownerOf, type Role } from '@yabumi/home'

/** In the order of the reference program: alias, network daemons, log, owner of the files, passwords, queue, remote, send. */
const users: readonly (Role | 'home')[] = ['alias', 'smtp', 'home', 'home', 'home', 'queue', 'remote', 'send']
/** No files, queue. */
const groups: readonly (Role | 'home')[] = ['home', 'queue']

export function userIds(home: string): string[] {
  return users.map((role) => show(() => of(role, home).uid))
}

export function groupIds(home: string): string[] {
  return groups.map((role) => show(() => of(role, home).gid))
}

/** An account that owns nothing of its own is whatever the home belongs to. */
function of(role: Role | 'home', home: string): { uid: number; gid: number } {
  if (role === 'home' || (role === 'smtp' && !existsSync(join(home, 'smtpd')))) return ownerOf(home)
  return account(role, home)
}

function show(id: () => number): string {
  try {
    return String(id())
  } catch {
    return 'unknown' // that part of the home is not there
  }
}
