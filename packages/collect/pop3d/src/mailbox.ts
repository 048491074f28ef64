/** The mailbox that pop3d was called for: a Maildir, or an mbox where the name is that of a plain file. */
import { lstatSync, statSync } from 'node:fs'
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

/** A mailbox that the first delivery will make. */
const empty: Maildrop = {
  messages: [],
  open: () => {
    throw new Error('there is no message')
  },
  finish: () => true,
}

/** Open the mailbox that deliveries go to: as long as there is none it is empty. @param path - as above. @throws CannotScan */
export async function openDelivered(path: string): Promise<Maildrop | undefined> {
  return lstatSync(Buffer.from(path, 'latin1'), { throwIfNoEntry: false }) === undefined ? empty : openMailbox(path)
}

function isPlainFile(path: string): boolean {
  try {
    return statSync(Buffer.from(path, 'latin1')).isFile()
  } catch {
    return false
  }
}
