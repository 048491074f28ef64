/** What is wrong with an installation: every missing file, wrong owner and wrong mode, a line each. Changes nothing. */
import { existsSync, lstatSync, type Stats } from 'node:fs'
import { dirname, join } from 'node:path'
import { type FileOwner, roles } from '@yabumi/home'
import {
  accountName,
  findAccount,
  findIntake,
  findKeys,
  groupName,
  hasKind,
  hasOwnName,
  homeMode,
  keyGroupName,
  membersOf,
  nameOf,
  sharesQueue,
  tlsGroupName,
} from '@yabumi/homeaccounts'
import type { Owner } from '@yabumi/newhome'
import { contentsProblems } from './contents.ts'
import { installedParts } from './parts.ts'
import { libraryItems, sharedItems } from './programs.ts'
import { type Places, placesOf, type Settings } from './settings.ts'
import { filesBelow } from './walk.ts'

const permissions = 0o7777

/** Every problem, one line each that begins with the path. */
export function installationProblems(settings: Settings): string[] {
  const places = placesOf(settings)
  if (![places.lib, places.home].some((path) => existsSync(path))) {
    return [
      `nothing is installed: neither ${places.lib} nor ${places.home} is there; say PREFIX, YABUMI_HOME and DESTDIR as to make install`,
    ]
  }
  const ownerOf = ownersOf(settings)
  return [
    ...accountProblems(settings, ownerOf),
    ...libraryProblems(settings, places),
    ...partProblems(settings, places, ownerOf),
    ...contentsProblems(places.home, ownerOf),
    ...[places.lib, places.home].flatMap(pathProblems),
  ]
}

/** Root and the accounts; for a caller who is not root, the caller. */
function ownersOf(settings: Settings): (owner: Owner) => FileOwner | undefined {
  const uid = process.getuid?.() ?? 0
  const more: readonly Owner[] = ['intake', 'keys', 'certificates', 'correspondents']
  if (uid !== 0) return (owner) => (more.includes(owner) ? undefined : { uid, gid: process.getgid?.() ?? 0 })
  const accounts = new Map(roles.map((role) => [role as Owner, findAccount(role, settings)]))
  const queue = accounts.get('queue')
  if (queue !== undefined) accounts.set('home', { uid: 0, gid: queue.gid })
  accounts.set('intake', findIntake(settings))
  const [keys, acme] = [findKeys(settings), accounts.get('acme')]
  accounts.set('keys', keys)
  accounts.set('certificates', keys && acme && { uid: acme.uid, gid: keys.gid })
  const [remote, smtp] = [accounts.get('remote'), accounts.get('smtp')]
  accounts.set('correspondents', remote && smtp && { uid: remote.uid, gid: smtp.gid })
  return (owner) => accounts.get(owner)
}

/** No account may do what another is there for. */
function accountProblems(settings: Settings, ownerOf: (owner: Owner) => FileOwner | undefined): string[] {
  if (process.getuid?.() !== 0) return []
  const missing = roles.filter((role) => ownerOf(role) === undefined).map((role) => `account ${accountName(role, settings)}: missing`)
  const holders = new Map<number, string>()
  const shared = roles.flatMap((role) => {
    const uid = ownerOf(role)?.uid
    if (uid === undefined) return []
    const other = holders.get(uid)
    holders.set(uid, role)
    if (uid === 0) return [`account of ${role}: is root, should be an account without rights`]
    return other === undefined ? [] : [`account of ${role}: is that of ${other} as well (uid ${uid})`]
  })
  const group = groupName('queue', settings)
  const strangers = membersOf(group).map((name) => `group ${group}: ${name} is a member, should be nobody`)
  const sender = accountName('send', settings)
  const readers = membersOf(sender).filter((name) => name !== sender)
  const remote = accountName('remote', settings)
  const keyReaders = membersOf(keyGroupName(settings)).filter((name) => name !== remote)
  strangers.push(...readers.map((name) => `group ${sender}: ${name} is a member, should be ${sender} alone`))
  if (hasOwnName('send', settings) && ownerOf('intake') === undefined) strangers.push(`group ${sender}: missing, or ${sender} is no member`)
  strangers.push(...keyReaders.map((name) => `group ${keyGroupName(settings)}: ${name} is a member, should be ${remote} alone`))
  const tls = tlsGroupName(settings)
  strangers.push(...membersOf(tls).map((name) => `group ${tls}: ${name} is a member, should be nobody`))
  const inside = roles
    .filter((role) => !sharesQueue.has(role) && ownerOf(role) !== undefined && ownerOf(role)?.gid === ownerOf('queue')?.gid)
    .map((role) => `account of ${role}: is in the group of queue/`)
  return [...missing, ...shared, ...strangers, ...inside]
}

function libraryProblems(settings: Settings, { lib, manifest }: Places): string[] {
  const owner = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 }
  const library = libraryItems(settings)
  const known = new Set([manifest, ...library.map(({ path }) => path)])
  const strays = [...filesBelow(lib)].filter(([path]) => !known.has(path)).map(([path]) => `${path}: no part of the installation`)
  const problems = [...library, ...sharedItems(settings)].flatMap((item) => {
    const stats = lstatSync(item.path, { throwIfNoEntry: false })
    if (stats === undefined) return [`${item.path}: missing`]
    if (item.kind === 'link') return stats.isSymbolicLink() ? [] : [`${item.path}: should be a link to ${item.target}`]
    return stats.isFile() ? attributeProblems(item.path, stats, owner, item.mode) : [`${item.path}: should be a file`]
  })
  return [...problems, ...strays]
}

function partProblems(settings: Settings, { home }: Places, ownerOf: (owner: Owner) => FileOwner | undefined): string[] {
  const stats = lstatSync(home, { throwIfNoEntry: false })
  if (stats === undefined) return [`${home}: missing`]
  const parts = installedParts(settings.prefix, ownerOf('intake') !== undefined)
  return [
    ...attributeProblems(home, stats, ownerOf('home'), homeMode),
    ...parts.flatMap((part) => {
      const path = join(home, part.path)
      const found = lstatSync(path, { throwIfNoEntry: false })
      if (found === undefined) return [`${path}: missing`]
      if (!hasKind(found, part)) return [`${path}: should be a ${part.kind}`]
      return part.kind === 'link' ? [] : attributeProblems(path, found, ownerOf(part.owner), part.mode)
    }),
  ]
}

/** Owner and mode. */
export function attributeProblems(path: string, stats: Stats, owner: FileOwner | undefined, mode: number): string[] {
  const problems: string[] = []
  if (owner !== undefined && (stats.uid !== owner.uid || stats.gid !== owner.gid)) {
    problems.push(`${path}: owner ${ownerText(stats)}, should be ${ownerText(owner)}`)
  }
  if ((stats.mode & permissions) !== mode) problems.push(`${path}: mode ${octal(stats.mode)}, should be ${octal(mode)}`)
  return problems
}

/** Whoever may write a directory above, or has made a link there, may put something else in the place of what is below. */
function pathProblems(path: string): string[] {
  const problems: string[] = []
  for (let directory = dirname(path); ; directory = dirname(directory)) {
    const stats = lstatSync(directory, { throwIfNoEntry: false })
    if (stats !== undefined) problems.push(...aboveProblems(directory, stats))
    if (directory === dirname(directory)) return problems
  }
}

function aboveProblems(path: string, stats: Stats): string[] {
  const problems: string[] = []
  if (stats.uid !== 0 && stats.uid !== process.getuid?.()) problems.push(`${path}: owner ${ownerText(stats)}, should be root's`)
  const isOpen = !stats.isSymbolicLink() && (stats.mode & 0o022) !== 0 && (stats.mode & 0o1000) === 0
  if (isOpen) problems.push(`${path}: mode ${octal(stats.mode)}, should not be writable by others`)
  return problems
}

function ownerText({ uid, gid }: FileOwner): string {
  return `${nameOf('passwd', uid)}:${nameOf('group', gid)}`
}

function octal(mode: number): string {
  return (mode & permissions).toString(8).padStart(4, '0')
}
