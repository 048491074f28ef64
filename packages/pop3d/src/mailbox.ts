/** The mailbox that pop3d was called for: a Maildir, or an mbox where the name is that of a plain file. */
import { statSync } from 'node:fs'
import { Maildir } from './maildir.ts'
import type { Maildrop } from './maildrop.ts'

/**
 * Open the mailbox. For a Maildir it becomes the working directory.
 *
 * @param path - a byte string, relative to the user's home
 * @returns undefined if there is no such mailbox, or it is closed to this user
 * @throws CannotScan
 */
export async function openMailbox(path: string | undefined): Promise<Maildrop | undefined> {
  if (path === undefined) return undefined
  if (isPlainFile(path)) {
    const { Mbox } = await import('./mbox.ts') // late: a Maildir should not pay for loading crypto and locks
    return Mbox.find(path)
  }
  try {
    process.chdir(Buffer.from(path, 'latin1').toString('utf8'))
  } catch {
    return undefined
  }
  return Maildir.find()
}

function isPlainFile(path: string): boolean {
  try {
    return statSync(Buffer.from(path, 'latin1')).isFile()
  } catch {
    return false
  }
}
