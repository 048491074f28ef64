/** What an authority wants to see, as the program acme has put it there (RFC 8555 §8.3). */
import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs'
import { descend } from '@yabumi/home'
import { challengeBytes } from '@yabumi/limits'

/**
 * No link is followed.
 *
 * @param token - a name of a file
 * @returns undefined if there is none
 */
export function readChallenge(token: string): string | undefined {
  try {
    return descend('state/acme', `challenges/${token}`, (name) => {
      const fd = openSync(name, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
      try {
        const stats = fstatSync(fd)
        return stats.isFile() && stats.size <= challengeBytes ? readFileSync(fd, 'latin1') : undefined
      } finally {
        closeSync(fd)
      }
    })
  } catch {
    return undefined // gone, or never there
  }
}
