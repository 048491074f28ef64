/** Make a Maildir for a user who has none yet. */
import { mkdirSync } from 'node:fs'
import { syncDirectory } from '@yabumi/files'
import { errnoOf, errorText, Trouble } from '@yabumi/trouble'

/**
 * Make what is missing of a Maildir in the working directory, private to this account, and durable: what is delivered there counts as safe.
 *
 * @param maildir - `./NAME/`, byte string
 * @throws Trouble 4.2.1
 */
export function makeMaildir(maildir: string): void {
  try {
    for (const part of ['', 'tmp', 'new', 'cur']) make(maildir + part)
    for (const directory of [maildir, '.']) syncDirectory(Buffer.from(directory, 'latin1'))
  } catch (cause) {
    throw new Trouble('4.2.1', `Unable to make ${maildir}: ${errorText(cause)}.`, { cause })
  }
}

function make(path: string): void {
  try {
    mkdirSync(Buffer.from(path, 'latin1'), 0o700)
  } catch (error) {
    if (errnoOf(error) !== 'EEXIST') throw error // another delivery makes it, too
  }
}
