/** The home of a delivery's user: where it takes place, if the user has left it in order (spec §2.7.2). */
import { closeSync, constants, openSync, type Stats, statSync } from 'node:fs'
import type { Manner } from '@yabumi/ownpath'
import { isConfined } from './confined.ts'
import { cannotStatHome, cannotSwitch, homeIsWritable } from './failure.ts'
import type { Request } from './request.ts'
import { isForeign, strangersWho } from './strangers.ts'

const sticky = 0o1000
const groupWrites = 0o020

export interface UserHome {
  /** The user's sign to wait with deliveries. */
  readonly isSticky: boolean
  /** Whether it belongs to this account: what is missing there may be made. */
  readonly isOwn: boolean
  /** How paths are gone that its dotfiles name (package ownpath). `confined`: its account is that of other mailboxes as well. */
  readonly manner: Manner
}

/**
 * Make a user's home the working directory, and check it.
 *
 * @param user - the account's name; @param home - byte string
 * @throws Failure if it is missing or writable for others
 */
export function enterUserHome({ user, home }: Pick<Request, 'user' | 'home'>): UserHome {
  try {
    changeDirectory(home)
  } catch (cause) {
    throw cannotSwitch(home, cause)
  }
  let status: Stats
  try {
    status = statSync('.')
  } catch (cause) {
    throw cannotStatHome(cause)
  }
  const strangers = strangersWho(status, user)
  if (strangers !== undefined) throw homeIsWritable(strangers)
  return {
    isSticky: (status.mode & sticky) !== 0,
    isOwn: status.uid === process.geteuid?.(),
    manner: isConfined() ? 'confined' : (status.mode & groupWrites) === 0 && !isForeign(status) ? 'names' : 'descriptors',
  }
}

/** Node takes names in UTF-8 only; a directory of another name is reached by its descriptor. */
function changeDirectory(path: string): void {
  if (/^[\0-\x7f]*$/.test(path)) {
    process.chdir(path)
    return
  }
  const fd = openSync(Buffer.from(path, 'latin1'), constants.O_RDONLY | constants.O_DIRECTORY)
  try {
    process.chdir(`/proc/self/fd/${fd}`)
  } finally {
    closeSync(fd)
  }
}
