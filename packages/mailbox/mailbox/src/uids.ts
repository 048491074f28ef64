/**
 * A uid for each mailbox, never given out twice: control/mailboxuids says from where to where, and users/mailboxuids
 * which was the highest so far. Nobody else may have it: no account, no group, no user's range of subordinate ids, and
 * no name space that lacks it.
 *
 * Synced  the highest, before its mailbox is made
 */
import { execFileSync } from 'node:child_process'
import { readLine } from '@yabumi/control'
import { Trouble } from '@yabumi/trouble'
import { readControlled, replace } from './files.ts'

const highestPath = 'users/mailboxuids'
/** Below those of subordinate ids, of SSSD and of systemd's dynamic users. */
const usual = { first: 70_000, last: 99_999 }
const largest = 4_294_967_294 // of an id; the next one means "no change"

interface Range {
  readonly first: number
  readonly last: number
}

/** @returns a uid, which is also the gid, and is taken from now on. @throws Trouble 4.3.0 if there is none to be had */
export function takeUid(): number {
  const range = configuredRange()
  const highest = Number(readControlled(highestPath)?.trim() || range.first - 1)
  if (!Number.isSafeInteger(highest)) throw new Trouble('4.3.0', `${highestPath}: not a number`)
  const foreign = foreignRanges()
  const uid = firstFree(Math.max(highest + 1, range.first), range.last, foreign)
  if (uid === undefined) throw noneLeft(range, foreign)
  replace(highestPath, `${uid}\n`)
  return uid
}

/** Whether a mailbox of its own has this uid, or had it: so none of an account. */
export function wasGivenOut(uid: number): boolean {
  const { first } = configuredRange()
  return uid >= first && uid <= Number(readControlled(highestPath)?.trim() || 0)
}

/** control/mailboxuids: `70000-99999`. @throws Trouble 4.3.0 for another form */
function configuredRange(): Range {
  const text = readLine('mailboxuids')
  if (text === undefined) return usual
  const [, first = '', last = ''] = /^(\d{1,10})-(\d{1,10})$/.exec(text) ?? []
  const range = { first: Number(first), last: Number(last) }
  if (first === '' || range.first < 1 || range.last > largest || range.first > range.last)
    throw new Trouble('4.3.0', `control/mailboxuids: ${text} is no range; say it as in ${usual.first}-${usual.last}`)
  return range
}

function firstFree(from: number, last: number, foreign: readonly Range[]): number | undefined {
  for (let uid = from; uid <= last; uid += 1) {
    const covering = foreign.find((range) => range.first <= uid && uid <= range.last)
    if (covering === undefined) {
      if (!hasName('passwd', uid) && !hasName('group', uid)) return uid
    } else uid = covering.last
  }
  return undefined
}

/** Subordinate ids of users, and what this name space does not have. Ascending order is not needed. */
function foreignRanges(): Range[] {
  return [...['/etc/subuid', '/etc/subgid'].flatMap(subordinates), ...['uid_map', 'gid_map'].flatMap(unmapped)]
}

/** subuid(5): NAME:FIRST:COUNT */
function subordinates(path: string): Range[] {
  const lines = (readControlled(path) ?? '').split('\n').map((line) => line.split(':').slice(1).map(Number))
  return lines.flatMap(([first = Number.NaN, count = Number.NaN]) => (count > 0 ? [{ first, last: first + count - 1 }] : []))
}

/** user_namespaces(7): the gaps between INSIDE OUTSIDE COUNT of each line. */
function unmapped(table: string): Range[] {
  const mapped = (readControlled(`/proc/self/${table}`) ?? `0 0 ${largest}`)
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number))
    .map(([first = 0, , count = 0]) => ({ first, last: first + count - 1 }))
    .sort((a, b) => a.first - b.first)
  const gaps: Range[] = []
  let next = 0
  for (const { first, last } of mapped) {
    if (first > next) gaps.push({ first: next, last: first - 1 })
    next = Math.max(next, last + 1)
  }
  return [...gaps, { first: next, last: Number.MAX_SAFE_INTEGER }]
}

/** By whatever service: LDAP's accounts count as well. */
function hasName(database: 'passwd' | 'group', id: number): boolean {
  try {
    execFileSync('getent', [database, String(id)], { stdio: 'ignore' })
    return true
  } catch (cause) {
    if ((cause as { status?: number }).status === unknownKey) return false
    throw new Trouble('4.3.0', `unable to ask getent whether ${database} has ${id}`, { cause })
  }
}

const unknownKey = 2 // getent(1)

/** It names a range that is free, so that the remedy can be typed. */
function noneLeft({ first, last }: Range, foreign: readonly Range[]): Trouble {
  const wanted = 10_000
  for (let start = usual.first; start < largest - wanted; start += wanted) {
    const isFree = !foreign.some((range) => range.first < start + wanted && range.last >= start) && start > last
    if (isFree)
      return new Trouble(
        '4.3.0',
        `no uid from ${first} to ${last} is left for a mailbox; ${start}-${start + wanted - 1} is free: put it into control/mailboxuids`,
      )
  }
  return new Trouble('4.3.0', `no uid from ${first} to ${last} is left for a mailbox; name another range in control/mailboxuids`)
}
