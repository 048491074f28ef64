/** Whose a home is, looked at by the process that asks. */
import { statSync } from 'node:fs'
import { errnoOf } from '@yabumi/trouble'
import { LookupTrouble } from './trouble.ts'

/** Who looks at homes. */
export interface Homes {
  /**
   * The uid of a home's owner.
   *
   * @param home - its path, a byte string; links are followed
   * @param uid - of the user who should own it
   * @returns undefined if there is no such directory
   * @throws LookupTrouble 115 if that cannot be said now
   */
  ownerOf(home: string, uid: number): Promise<number | undefined>
}

/** What a failed look says for good: the account has no home. All else, a file system that is not there for instance, may pass. */
const noHome: Record<string, string> = {
  ENOENT: 'No such file or directory',
  ENOTDIR: 'Not a directory',
  EACCES: 'Permission denied',
  ELOOP: 'Too many levels of symbolic links',
  ENAMETOOLONG: 'File name too long',
}

/** For programs that may wait as long as a file system does: nobody but who called them waits. */
export const ownHomes: Homes = {
  async ownerOf(home) {
    try {
      return statSync(Buffer.from(home, 'latin1')).uid
    } catch (cause) {
      if ((errnoOf(cause) ?? '') in noHome) return undefined
      throw new LookupTrouble(115, { cause })
    }
  },
}

/** For programs that must wait for nothing, and only ask whose an address is: each home is taken for its user's. */
export const unseenHomes: Homes = { ownerOf: async (_home, uid) => uid }

/** Whether a program's complaint, in the words of the C locale, says that there is no home. */
export function saysNoHome(complaint: string): boolean {
  return Object.values(noHome).some((text) => complaint.trimEnd().endsWith(text))
}
