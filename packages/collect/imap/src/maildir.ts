/** The Maildir that a session serves: made if the first delivery has not made it yet. */
import { mkdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { errnoOf, Trouble } from '@yabumi/trouble'

/**
 * @param path - a byte string, relative to the user's home
 * @throws Trouble 5.3.0 for what is no Maildir; the system's error
 */
export function needMaildir(path: string): void {
  const bytes = Buffer.from(path, 'latin1').toString('utf8')
  const there = statSync(bytes, { throwIfNoEntry: false })
  if (there !== undefined && !there.isDirectory()) throw new Trouble('5.3.0', `${path} is no Maildir, and IMAP serves nothing else`)
  for (const part of ['', 'tmp', 'new', 'cur']) {
    try {
      mkdirSync(join(bytes, part), { mode: 0o700 })
    } catch (error) {
      if (errnoOf(error) !== 'EEXIST') throw error
    }
  }
}
