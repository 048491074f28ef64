/**
 * What has come into a home since it was made: messages, settings, the socket. Owner, type and the rights of others.
 */
import { lstatSync, readFileSync, type Stats } from 'node:fs'
import { basename, join } from 'node:path'
import { type FileOwner, type Role, roles } from '@yabumi/home'
import type { Owner } from '@yabumi/newhome'
import { filesBelow } from './walk.ts'

type OwnerOf = (owner: Owner) => FileOwner | undefined

/** Directories of messages, and of what accounts keep, whose they are, and the rights that nobody may have on the files. */
const messages: readonly [directory: string, owner: Owner, forbidden: number][] = [
  ['queue/pid', 'queue', 0o133],
  ['queue/spare', 'queue', 0o133],
  ['queue/mess', 'queue', 0o133],
  ['queue/intd', 'queue', 0o133],
  ['queue/todo', 'queue', 0o133],
  ['queue/info', 'send', 0o133],
  ['queue/local', 'send', 0o133],
  ['queue/remote', 'send', 0o133],
  ['queue/bounce', 'send', 0o133],
  ['state/acme', 'acme', 0o137],
  ['state/auth', 'auth', 0o177],
  ['state/remote', 'remote', 0o177],
  ['state/correspondents', 'remote', 0o137],
  ['state/smtp', 'smtp', 0o177],
  ['state/submit', 'submit', 0o177],
]
/** Settings: whoever may write one rules the system. */
const settings = ['control', 'users']
const secrets = 'users/passwords'
const setId = 0o6000
const keyFiles: ReadonlySet<string> = new Set(['servercert.pem', 'serverkey.pem'])

/** Every problem, a line each. */
export function contentsProblems(home: string, ownerOf: OwnerOf): string[] {
  return [
    ...messages.flatMap(([directory, owner, forbidden]) =>
      [...filesBelow(join(home, directory))].flatMap(([path, stats]) => messageProblems(path, stats, ownerOf(owner), forbidden)),
    ),
    ...settings.flatMap((directory) =>
      [...filesBelow(join(home, directory))].flatMap(([path, stats]) => settingProblems(path, stats, ownerOf('home'))),
    ),
    ...[...filesBelow(join(home, 'accounts'))].flatMap(([path, stats]) => accountFileProblems(path, stats, ownerOf('home'))),
    ...secretProblems(join(home, secrets)),
    ...[...filesBelow(join(home, 'control'))].flatMap(([path, stats]) => keyProblems(path, stats)),
    ...socketProblems(join(home, 'queue.sock')),
  ]
}

function messageProblems(path: string, stats: Stats, owner: FileOwner | undefined, forbidden: number): string[] {
  if (!stats.isFile()) return [`${path}: should be a file`]
  const problems: string[] = []
  if (owner !== undefined && stats.uid !== owner.uid) problems.push(`${path}: owner uid ${stats.uid}, should be uid ${owner.uid}`)
  if ((stats.mode & (forbidden | setId)) !== 0)
    problems.push(`${path}: mode ${octal(stats.mode)}, should be ${octal(0o777 & ~forbidden)} or less`)
  return problems
}

/** The entries themselves are parts of the home. */
function accountFileProblems(path: string, stats: Stats, owner: FileOwner | undefined): string[] {
  const name = basename(path)
  if (name === 'keys') return [] // a part of the home
  if (name === 'groups') return settingProblems(path, stats, owner)
  if (!roles.includes(name as Role)) return [`${path}: names no account that there is`]
  return stats.size === 0 ? [] : [`${path}: ${stats.size} bytes, should be empty`]
}

function settingProblems(path: string, stats: Stats, owner: FileOwner | undefined): string[] {
  const problems: string[] = []
  if (owner !== undefined && stats.uid !== owner.uid) problems.push(`${path}: owner uid ${stats.uid}, should be uid ${owner.uid}`)
  if (!stats.isSymbolicLink() && (stats.mode & (0o022 | setId)) !== 0)
    problems.push(`${path}: mode ${octal(stats.mode)}, should not be writable by others`)
  return problems
}

function secretProblems(path: string): string[] {
  const stats = lstatSync(path, { throwIfNoEntry: false })
  return stats !== undefined && (stats.mode & 0o077) !== 0 ? [`${path}: mode ${octal(stats.mode)}, should be 0600`] : []
}

/** Keys of TLS and those that sign mail: those who read them have a group for it (spec §16.5, §19.1). */
function keyProblems(path: string, stats: Stats): string[] {
  if (!(keyFiles.has(basename(path)) || path.endsWith('.key')) || !stats.isFile() || (stats.mode & 0o007) === 0 || !holdsKey(path))
    return []
  return [`${path}: mode ${octal(stats.mode)}, holds a key that others may read, should be 0640`]
}

function holdsKey(path: string): boolean {
  return readFileSync(path, 'latin1').includes('PRIVATE KEY-----')
}

function socketProblems(path: string): string[] {
  const stats = lstatSync(path, { throwIfNoEntry: false })
  if (stats === undefined) return []
  if (!stats.isSocket()) return [`${path}: should be a socket`]
  return (stats.mode & 0o7777) === 0o666 ? [] : [`${path}: mode ${octal(stats.mode)}, should be 0666`]
}

function octal(mode: number): string {
  return (mode & 0o7777).toString(8).padStart(4, '0')
}
