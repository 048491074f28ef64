/**
 * Deliver one message into a Maildir, whole or not at all (spec §2.7.5).
 *
 * Out     tmp/NAME, written and synced, then renamed to new/NAME, then new/ synced: only then is it delivered
 * Crash   leaves at most a file in tmp/, which mail readers remove after 36 hours, hence our own limit of 24 hours
 * Renamed where qmail links and unlinks: no name is used twice, so nothing can be overwritten
 */
import { accessSync, closeSync, constants, lstatSync, openSync, renameSync, unlinkSync, write, writeSync } from 'node:fs'
import { promisify } from 'node:util'
import { deathSeconds } from '@yabumi/limits'
import { isTemporary, Trouble } from '@yabumi/trouble'
import { syncDirectory } from './directory.ts'
import { flush } from './flush.ts'
import { uniqueName } from './name.ts'

/** A message's bytes: all of them, or, where they are many, piece by piece. */
export type MessageBytes = Buffer | AsyncIterable<Buffer>

/**
 * Deliver into a Maildir.
 *
 * @param maildir - its path as a byte string; relative ones are relative to the working directory
 * @param head - what goes in front of the message (Return-Path, Delivered-To)
 * @param alone - whether this process has nothing else to do meanwhile; see flush()
 * @returns the name of the file in new/
 * @throws Trouble 4.2.1 or 4.3.0 with the texts of spec §2.7.5; then nothing of the message is left
 */
export async function deliverToMaildir(maildir: string, head: Buffer, message: MessageBytes, alone = false): Promise<string> {
  const deadline = performance.now() + deathSeconds * 1000
  refuseForeignLink(maildir)
  const { fd, name } = create(maildir)
  const temporary = pathIn(maildir, 'tmp', name)
  try {
    await fill(fd, head, message, deadline, alone)
    if (performance.now() > deadline) throw tooLate()
    renameSync(temporary, pathIn(maildir, 'new', name))
  } catch (cause) {
    remove(temporary)
    throw cause instanceof Trouble ? cause : failed(cause)
  }
  try {
    await syncDirectory(`${maildir}/new`, alone)
  } catch (cause) {
    remove(pathIn(maildir, 'new', name)) // it will be tried again: better gone than there twice
    throw failed(cause)
  }
  return name
}

/** Where others may make files, one of them could lead this account's mail into a directory of their own. */
function refuseForeignLink(maildir: string): void {
  if (isForeignLink(maildir.replace(/(?<!\/)\/+$/, ''))) {
    throw new Trouble('4.2.1', 'Unable to chdir to maildir: it is a symbolic link of another account.')
  }
}

function isForeignLink(path: string): boolean {
  try {
    const status = lstatSync(Buffer.from(path, 'latin1'), { throwIfNoEntry: false })
    return status?.isSymbolicLink() === true && status.uid !== 0 && status.uid !== process.geteuid?.()
  } catch {
    return false // the first file in it will say what is wrong
  }
}

function pathIn(maildir: string, subdirectory: 'tmp' | 'new', name: string): Buffer {
  return Buffer.from(`${maildir}/${subdirectory}/${name}`, 'latin1')
}

const attempts = 5 // a name that is taken means that somebody guessed it; the next one differs

function create(maildir: string): { fd: number; name: string } {
  for (let attempt = 1; ; attempt += 1) {
    const name = uniqueName()
    try {
      return { name, fd: openSync(pathIn(maildir, 'tmp', name), constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o600) }
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code === 'EEXIST' && attempt < attempts) continue
      throw cannotEnter(maildir) ? new Trouble('4.2.1', 'Unable to chdir to maildir.', { cause }) : failed(cause)
    }
  }
}

/** Whether it is the Maildir itself that is missing or closed to us, rather than something in it. */
function cannotEnter(maildir: string): boolean {
  try {
    accessSync(Buffer.from(`${maildir}/.`, 'latin1'), constants.X_OK)
    return false
  } catch (error) {
    return !isTemporary(error)
  }
}

/** Write and sync everything, and close. */
async function fill(fd: number, head: Buffer, message: MessageBytes, deadline: number, alone: boolean): Promise<void> {
  try {
    if (Buffer.isBuffer(message)) writeAll(fd, Buffer.concat([head, message]))
    else await writePieces(fd, head, message, deadline)
    await flush(fd, alone)
  } finally {
    closeSync(fd)
  }
}

function writeAll(fd: number, bytes: Buffer): void {
  for (let done = 0; done < bytes.length; ) done += writeSync(fd, bytes, done)
}

const writePiece = promisify(write)

/** A long message must not hold up the other deliveries of this process: its writes are asynchronous. */
async function writePieces(fd: number, head: Buffer, pieces: AsyncIterable<Buffer>, deadline: number): Promise<void> {
  writeAll(fd, head)
  try {
    for await (const piece of pieces) {
      if (performance.now() > deadline) throw tooLate()
      try {
        for (let done = 0; done < piece.length; ) done += (await writePiece(fd, piece, done)).bytesWritten
      } catch (cause) {
        throw failed(cause)
      }
    }
  } catch (cause) {
    throw cause instanceof Trouble ? cause : new Trouble('4.3.0', 'Unable to read message.', { cause })
  }
}

function remove(path: Buffer): void {
  try {
    unlinkSync(path)
  } catch {
    // readers remove what stays in tmp/ too long
  }
}

function tooLate(): Trouble {
  return new Trouble('4.3.0', 'Timeout on maildir delivery.')
}

function failed(cause: unknown): Trouble {
  return new Trouble('4.3.0', 'Temporary error on maildir delivery.', { cause })
}
