/**
 * A mailbox and those below it get other names: one rename each, which a crash must not leave half done.
 *
 * Writes  the journal yabumi-imap/rename, old and new name of each, before the first of several; it goes after the
 *         last
 * Synced  the journal, before the first rename; the Maildir's directory, before it goes
 */
import { closeSync, fsyncSync, lstatSync, openSync, readFileSync, renameSync } from 'node:fs'
import { removeQuietly, syncDirectory, writeAll } from '@yabumi/files'
import { directoryOf } from './foldername.ts'
import type { Held } from './place.ts'

type Pairs = readonly (readonly [string, string])[]

/** @param pairs - old and new names of mailboxes. @throws the system's error */
export function renameAll(root: Held, pairs: Pairs): void {
  const journal = `${root.path}/yabumi-imap/rename`
  if (pairs.length > 1) writeJournal(journal, pairs)
  for (const [from, to] of pairs) renameSync(entryOf(root, from), entryOf(root, to))
  syncDirectory(root.path)
  removeQuietly(journal)
}

/** Finish what a crash has left. A journal that cannot be read was never begun. @throws the system's error */
export function finishRenames(root: Held): void {
  const journal = `${root.path}/yabumi-imap/rename`
  let lines: string[]
  try {
    lines = readFileSync(journal, 'latin1').split('\n')
  } catch {
    return
  }
  if (lines.pop() === 'end') {
    for (const line of lines) {
      const [from = '', to = ''] = line.split('\t')
      if (directoryOf(from) === undefined || directoryOf(to) === undefined) continue
      if (isThere(root, from) && !isThere(root, to)) renameSync(entryOf(root, from), entryOf(root, to))
    }
    syncDirectory(root.path)
  }
  removeQuietly(journal)
}

function writeJournal(journal: string, pairs: Pairs): void {
  const fd = openSync(journal, 'w', 0o600)
  try {
    writeAll(fd, Buffer.from(`${pairs.map((pair) => pair.join('\t')).join('\n')}\nend`, 'latin1'))
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
  syncDirectory(journal.slice(0, journal.lastIndexOf('/')))
}

function entryOf(root: Held, name: string): string | Buffer {
  return root.entry(directoryOf(name) ?? '')
}

function isThere(root: Held, name: string): boolean {
  return lstatSync(entryOf(root, name), { throwIfNoEntry: false }) !== undefined
}
