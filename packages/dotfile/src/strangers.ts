/** Who else than the user, or root, has a hand in a file or directory that decides about the user's mail. */
import type { Stats } from 'node:fs'

const everybody = 0o002 // conf-patrn
const group = 0o020

/** Whether others may write it: everybody, or a group that is not the one deliveries to this user have (qmail forbids the former only). */
export function othersMayWrite({ mode, gid }: Stats): boolean {
  return (mode & everybody) !== 0 || ((mode & group) !== 0 && gid !== process.getegid?.())
}

/** Whether it is another account's. */
export function isForeign({ uid }: Stats): boolean {
  return uid !== 0 && uid !== process.geteuid?.()
}
