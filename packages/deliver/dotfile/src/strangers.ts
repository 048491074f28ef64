/** Who else than the user, or root, has a hand in a file or directory that decides about the user's mail. */
import type { Stats } from 'node:fs'
import { Groups } from '@yabumi/users'
import { readPatrn } from './patrn.ts'

const everybody = 0o002
const group = 0o020

const groups = new Groups()

/**
 * Who may write it beside the user: everybody, or a group that is not the user's alone. (qmail forbids the former only; control/patrn decides.)
 *
 * @param user - the account's name
 * @returns undefined if nobody may, else what is said of that: ``, ` for group web, ...`
 */
export function strangersWho({ mode, gid }: Stats, user: string): string | undefined {
  if ((mode & everybody) !== 0) return ''
  if ((mode & group) === 0) return undefined
  const { rule, problem } = readPatrn()
  if (rule === 'any group' || (rule === 'private group' && isOwnGroup(gid, user))) return undefined
  if (rule === 'private group') return ` for group ${groups.nameOf(gid)}, which is not this user's alone; chmod g-w, or see control/patrn`
  return ` for group ${groups.nameOf(gid)}; ${problem ?? 'control/patrn'} forbids that`
}

/** Whether only the user is in the group that deliveries to this user have. */
function isOwnGroup(gid: number, user: string): boolean {
  return gid === process.getegid?.() && groups.isPrivate(gid, user, process.geteuid?.() ?? 0)
}

/** Whether it is another account's. */
export function isForeign({ uid }: Stats): boolean {
  return uid !== 0 && uid !== process.geteuid?.()
}
