/** Where a Maildir's parts are, once it is sure whose they are. */
import { accessSync, constants } from 'node:fs'
import { Descent, type Directory, ForeignLink, LeavesHome, type Manner, NotOurs } from '@yabumi/ownpath'
import { isTemporary, Trouble } from '@yabumi/trouble'

export interface Place {
  /** Paths of the directories, while the descent is open. Byte strings. */
  readonly tmp: string
  readonly new: string
  /** Tells one new/ from another, whatever its path is today. */
  readonly newKey: string
}

/**
 * Find a Maildir's parts. Both, and the Maildir, are this account's or root's. cur/ is its readers' business.
 *
 * @param maildir - byte string, as the user wrote it
 * @throws Trouble 4.2.1 if that is no Maildir of this account's, 4.3.0 for all else
 */
export function placeOf(maildir: string, descent: Descent): Place {
  const directory = enter(maildir, descent)
  try {
    const [temporary, delivered] = [descent.part(directory, 'tmp'), descent.part(directory, 'new')]
    return { tmp: temporary.path, new: delivered.path, newKey: `${delivered.status?.dev} ${delivered.status?.ino}` }
  } catch (cause) {
    throw mustNot(cause) ?? (cannotSearch(directory) ? cannotEnter(cause) : failed(cause))
  }
}

/**
 * What a delivery into a Maildir would say of it now.
 *
 * @param manner - how its path is gone (package ownpath)
 * @returns undefined if it can be used
 */
export function maildirProblem(maildir: string, manner: Manner): string | undefined {
  const descent = new Descent(manner)
  try {
    placeOf(maildir, descent)
    return undefined
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  } finally {
    descent.close()
  }
}

function enter(maildir: string, descent: Descent): Directory {
  try {
    const directory = descent.to(maildir)
    const { status } = directory
    descent.refuseForeign(directory)
    if (status?.isDirectory() !== false) return directory
  } catch (cause) {
    throw mustNot(cause) ?? (isTemporary(cause) ? failed(cause) : cannotEnter(cause))
  }
  throw cannotEnter(undefined)
}

function mustNot(cause: unknown): Trouble | undefined {
  if (!(cause instanceof NotOurs || cause instanceof ForeignLink || cause instanceof LeavesHome)) return undefined
  return new Trouble('4.2.1', `Unable to chdir to maildir: ${cause.message}.`, { cause })
}

/** Whether it is the Maildir itself that is closed to us, rather than something in it. */
function cannotSearch({ path }: Directory): boolean {
  try {
    accessSync(Buffer.from(`${path}/.`, 'latin1'), constants.X_OK)
    return false
  } catch (error) {
    return !isTemporary(error)
  }
}

function cannotEnter(cause: unknown): Trouble {
  return new Trouble('4.2.1', 'Unable to chdir to maildir.', { cause })
}

/** What is said of all other trouble with a Maildir. */
export function failed(cause: unknown): Trouble {
  return new Trouble('4.3.0', 'Temporary error on maildir delivery.', { cause })
}
