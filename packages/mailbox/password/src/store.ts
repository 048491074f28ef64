/**
 * Change the password file: the whole new file or the old one, whatever happens meanwhile.
 *
 * Touches  PATH, and beside it PATH.new, and PATH.lock, which is locked (flock) so that two changes come one after the
 *          other. Nobody else may open that file, so nobody else can hold us up
 * Synced   PATH.new before the rename, the directory after it
 * Crash    leaves at most PATH.new, which the next change overwrites
 */
import { closeSync, constants, openSync } from 'node:fs'
import { replaceFile, unplanted } from '@yabumi/files'
import { lock } from '@yabumi/posix'
import { errnoOf, errorText, Trouble } from '@yabumi/trouble'
import { type Entry, entryOf, lineOf, loginOf, readPasswords } from './file.ts'

const lockSeconds = 10

/**
 * Store the entry of a login, in place of an earlier one. The file is the caller's then, who has become the owner of its directory before.
 *
 * @throws Trouble 4.3.0 if that cannot be done; the file is then as it was
 */
export async function storeEntry(path: string, login: string, entry: Entry): Promise<void> {
  await changeLines(path, (lines) => [...lines.filter((line) => loginOf(line) !== login), lineOf(login, entry)])
}

/**
 * Add what SCRAM needs to a login whose password was found right, unless the password is another one by now.
 *
 * @param hash - of the password that the verifier was made of. @throws as storeEntry() does
 */
export async function storeVerifier(path: string, login: string, hash: string, verifier: string): Promise<void> {
  await changeLines(path, (lines) =>
    lines.map((line) => {
      const entry = entryOf(line)
      return loginOf(line) === login && entry.hash === hash ? lineOf(login, { ...entry, verifier }) : line
    }),
  )
}

/** Take logins away. @throws as storeEntry() does */
export async function removeEntries(path: string, isGoing: (login: string) => boolean): Promise<void> {
  await changeLines(path, (lines) => lines.filter((line) => !isGoing(loginOf(line) ?? '')))
}

async function changeLines(path: string, change: (lines: string[]) => string[]): Promise<void> {
  try {
    await changeUnderLock(path, (old) =>
      change(old.split('\n').filter((line) => line !== ''))
        .map((line) => `${line}\n`)
        .join(''),
    )
  } catch (cause) {
    if (cause instanceof Trouble) throw cause
    throw new Trouble('4.3.0', `unable to write ${path}: ${errorText(cause)}${remedy(cause)}`, { cause })
  }
}

function remedy(cause: unknown): string {
  switch (errnoOf(cause)) {
    case 'EACCES':
    case 'EPERM':
      return '; run setpassword as the owner of the home'
    case 'ENOENT':
      return '; make the home with config-fast first'
    default:
      return ''
  }
}

async function changeUnderLock(path: string, change: (old: string) => string): Promise<void> {
  const locked = openSync(`${path}.lock`, constants.O_CREAT | constants.O_WRONLY | unplanted, 0o600)
  try {
    if (!(await lock(locked, lockSeconds))) throw new Trouble('4.3.0', `${path} is locked by another change of passwords; try again`)
    replaceFile(path, Buffer.from(change(readPasswords(path) ?? ''), 'latin1'))
  } finally {
    closeSync(locked)
  }
}
