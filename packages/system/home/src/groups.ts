/** The groups of an account: those that passwd(5) and group(5), or what else the name service asks, have for it. */
import { execFileSync } from 'node:child_process'
import { lstatSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { errnoOf, errorText, Trouble } from '@yabumi/trouble'
import type { Account, Role } from './account.ts'

const passwd = '/etc/passwd'
const group = '/etc/group'
const unknownKey = 2 // getent(1)
const writableByOthers = 0o022

/** The account's own line of passwd(5). */
export interface SystemAccount {
  readonly name: string
  readonly gid: number
  readonly shell: string
}

/**
 * @param home - whose accounts/groups, a file of root's, speaks for an account that the system does not know: `ROLE:GID`, or `ROLE:GID:GID,GID`
 * @throws Trouble 4.3.0 if neither knows it, or that cannot be said now
 */
export function groupsOf(uid: number, role: Role, home: string): Pick<Account, 'gid' | 'groups'> {
  const known = systemAccount(uid)
  if (known !== undefined) return { gid: known.gid, groups: furtherGroups(known) }
  const line = ownLine(role, resolve(home, 'accounts/groups'))
  if (line !== undefined) return line
  const path = resolve(home, 'accounts')
  throw new Trouble(
    '4.3.0',
    `${path}/${role} is uid ${uid}'s, whom passwd does not know; make that account, or put ${role}:GID into ${path}/groups`,
  )
}

/** The first account of a number. @throws Trouble 4.3.0 if that cannot be said now */
export function systemAccount(uid: number): SystemAccount | undefined {
  for (const line of lines(passwd)) if (line.split(':')[2] === String(uid)) return parse(line)
  try {
    return parse(ask('getent', 'passwd', String(uid)))
  } catch (cause) {
    if ((cause as { status?: unknown }).status === unknownKey || errnoOf(cause) === 'ENOENT') return undefined
    throw new Trouble('4.3.0', `unable to ask for the account of uid ${uid}: ${errorText(cause)}`, { cause })
  }
}

function furtherGroups({ name, gid }: SystemAccount): number[] {
  const isLocal = lines(passwd).some((line) => line.startsWith(`${name}:`))
  return (isLocal ? memberships(name) : ask('id', '-G', name).trim().split(' ').map(Number)).filter((each) => each !== gid)
}

function memberships(name: string): number[] {
  return lines(group).flatMap((line) => {
    const [, , gid, members = ''] = line.split(':')
    return members.split(',').includes(name) ? [Number(gid)] : []
  })
}

function ownLine(role: Role, path: string): Pick<Account, 'gid' | 'groups'> | undefined {
  const stats = lstatSync(path, { throwIfNoEntry: false })
  if (stats === undefined) return undefined
  if (!stats.isFile() || stats.uid !== 0 || (stats.mode & writableByOthers) !== 0) {
    throw new Trouble('4.3.0', `${path} should be a file of root's that nobody else may write`)
  }
  const [, gid, more] =
    lines(path)
      .map((line) => /^([a-z]+):([0-9]+)(?::([0-9,]+))?$/.exec(line)?.slice(1))
      .find((each) => each?.[0] === role) ?? []
  return gid === undefined ? undefined : { gid: Number(gid), groups: (more?.split(',') ?? []).filter(Boolean).map(Number) }
}

function parse(line: string): SystemAccount {
  const [name = '', , , gid, , , shell = ''] = line.trimEnd().split(':')
  return { name, gid: Number(gid), shell }
}

function lines(path: string): string[] {
  return readFileSync(path, 'latin1').split('\n')
}

function ask(file: string, ...args: string[]): string {
  const env = { PATH: '/usr/bin:/bin:/usr/sbin:/sbin' }
  return execFileSync(file, args, { env, encoding: 'latin1', timeout: 30_000, stdio: ['ignore', 'pipe', 'ignore'] })
}
