/** Whose a file is, and what is said of one that is somebody else's. */
import { readFileSync, type Stats } from 'node:fs'

/** Something that belongs to neither this account nor root. The message names it and its owner. */
export class NotOurs extends Error {
  constructor(path: string, uid: number) {
    super(`${path} belongs to ${accountOf(uid)}, neither to this user nor to root`)
  }
}

/** A symbolic link that neither this account nor root has made. The message names what it leads to, and its owner. */
export class ForeignLink extends Error {
  constructor(path: string, uid: number) {
    super(`${path} is reached by a symbolic link of another account: ${accountOf(uid)}`)
  }
}

/** A way that would leave the directory to which it is confined, or follow a link. The message names it. */
export class LeavesHome extends Error {
  constructor(path: string) {
    super(`${path} leads out of the home, or by a link; that is not for a mailbox that shares its account`)
  }
}

/** Whether it is this account's or root's. @param own - this account's uid */
export function isOurs({ uid }: Stats, own: number | undefined = process.geteuid?.()): boolean {
  return uid === 0 || uid === own
}

/** @param path - as the user wrote it. @throws NotOurs */
export function refuseForeign(path: string, status: Stats, own?: number): void {
  if (!isOurs(status, own)) throw new NotOurs(path, status.uid)
}

/** `ann (uid 1002)`, or the uid alone where /etc/passwd does not know it. */
function accountOf(uid: number): string {
  let passwd = ''
  try {
    passwd = readFileSync('/etc/passwd', 'latin1')
  } catch {
    // the number says it as well
  }
  const name = new RegExp(`^([^:\n]+):[^:\n]*:${uid}:`, 'm').exec(passwd)?.[1]
  return name === undefined ? `uid ${uid}` : `${name} (uid ${uid})`
}
