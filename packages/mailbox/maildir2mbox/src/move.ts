/** The steps of the move, in the order that loses nothing (spec §8.2, §8.6). */
import { closeSync, constants, fstatSync, fsyncSync, ftruncateSync, openSync, renameSync, unlinkSync } from 'node:fs'
import { dirname } from 'node:path'
import { syncDirectory, writeAll } from '@yabumi/files'
import { CannotList, cleanMaildir, listMaildir, type MaildirFile, maildirPath } from '@yabumi/maildir'
import { errorText, Trouble } from '@yabumi/trouble'
import { lockMbox } from './lock.ts'
import { messagePieces } from './message.ts'
import { filePieces } from './pieces.ts'

/** Byte strings. Relative names of files are relative to the Maildir. */
export interface Places {
  readonly maildir: string
  readonly mbox: string
  /** Where the new mbox is written, on the file system of the mbox. */
  readonly temporary: string
}

/**
 * Move all messages of the Maildir. The working directory becomes the Maildir.
 *
 * @returns what to warn of: messages that are in the mbox now and could not be removed from the Maildir
 * @throws Trouble 4.x.x, the text of spec §8.6; then the mbox and the Maildir are as they were
 */
export async function maildirToMbox({ maildir, mbox, temporary }: Places): Promise<string[]> {
  attempt(`unable to chdir to ${maildir}`, () => process.chdir(Buffer.from(maildir, 'latin1').toString('utf8')))
  cleanMaildir()
  if (list().length === 0) return []
  const lock = await lockMbox(mbox)
  try {
    const files = list() // once more: whoever had the lock may have moved them
    writeMbox(mbox, temporary, files)
    attempt(`unable to move ${temporary} to ${mbox}`, () => renameSync(bytes(temporary), bytes(mbox)))
    attempt(`unable to write to ${mbox}`, () => syncDirectory(bytes(dirname(mbox))))
    return files.flatMap(removed)
  } finally {
    closeSync(lock)
  }
}

function list(): MaildirFile[] {
  try {
    return listMaildir(['new', 'cur'])
  } catch (error) {
    if (!(error instanceof CannotList)) throw error
    throw new Trouble('4.3.0', `unable to scan $MAILDIR/${error.part}: ${errorText(error.cause)}`, { cause: error })
  }
}

function writeMbox(mbox: string, temporary: string, files: readonly MaildirFile[]): void {
  const old = attempt(`unable to read ${mbox}`, () => openSync(bytes(mbox), constants.O_RDONLY | constants.O_NONBLOCK))
  try {
    const fd = attempt(`unable to create ${temporary}`, () => createBeside(old, temporary))
    const write = (piece: Buffer) => attempt(`unable to write to ${temporary}`, () => writeAll(fd, piece))
    try {
      copy(`unable to read ${mbox}`, filePieces(old), write)
      for (const file of files) appendMessage(file, write)
      attempt(`unable to write to ${temporary}`, () => fsyncSync(fd))
    } catch (error) {
      ftruncateSync(fd) // it may be what fills the disk
      throw error
    } finally {
      closeSync(fd)
    }
  } finally {
    closeSync(old)
  }
}

const createFlags = constants.O_WRONLY | constants.O_NONBLOCK | constants.O_CREAT

/** An empty file that is not the one that is open: whoever says the same name twice must not lose what is in there. */
function createBeside(old: number, temporary: string): number {
  const fd = openSync(bytes(temporary), createFlags, 0o644)
  try {
    const [ours, theirs] = [fstatSync(fd), fstatSync(old)]
    if (ours.ino === theirs.ino && ours.dev === theirs.dev)
      throw Object.assign(new Error('MAIL and MAILTMP are one file'), { code: 'EEXIST' })
    ftruncateSync(fd)
    return fd
  } catch (error) {
    closeSync(fd)
    throw error
  }
}

function appendMessage(file: MaildirFile, write: (piece: Buffer) => void): void {
  const problem = `unable to read $MAILDIR/${file.part}/${file.name}`
  const fd = attempt(problem, () => openSync(maildirPath(file.part, file.name), constants.O_RDONLY | constants.O_NONBLOCK))
  try {
    copy(problem, messagePieces(filePieces(fd), Math.floor(file.arrived / 1000)), write)
  } finally {
    closeSync(fd)
  }
}

function copy(problem: string, pieces: Iterable<Buffer>, write: (piece: Buffer) => void): void {
  const iterator = pieces[Symbol.iterator]()
  for (;;) {
    const next = attempt(problem, () => iterator.next())
    if (next.done === true) return
    write(next.value)
  }
}

/** @returns a warning if that could not be done */
function removed({ part, name }: MaildirFile): string[] {
  try {
    unlinkSync(maildirPath(part, name))
    return []
  } catch (error) {
    return [`$MAILDIR/${part}/${name} will be delivered twice; unable to unlink: ${errorText(error)}`]
  }
}

/** Do something with the system; its error becomes trouble that says what was tried. */
function attempt<T>(problem: string, act: () => T): T {
  try {
    return act()
  } catch (cause) {
    throw new Trouble('4.3.0', `${problem}: ${errorText(cause)}`, { cause })
  }
}

function bytes(path: string): Buffer {
  return Buffer.from(path, 'latin1')
}
