/**
 * Append one message to an mbox, or leave the mbox as it was (spec §2.7.5).
 *
 * Out      separator and trace lines, the quoted message, an empty line; synced before it counts as delivered. Where
 *          the file was empty the directory is synced too, because it may be new.
 * Locked   with flock(2) from before the first byte until after the sync; the deliveries of this process take turns. A
 *          file that has lost its name when we get the lock is not the mbox any more
 * Crash    leaves at most the beginning of one message at the end, and nothing before it is touched. A line that was
 *          cut off is ended before the next message. Otherwise the next `From ` would stand in the middle of it and be
 *          seen by nobody
 * Refused  what is no regular file, has several names, or is neither this account's nor root's. So is what is reached
 *          by a symbolic link of another account. In a directory that others may write, those are traps that lead to
 *          another of the user's files
 */
import { closeSync, constants, fstatSync, fsync, ftruncateSync, lstatSync, openSync, readSync, type Stats, statSync, write } from 'node:fs'
import { promisify } from 'node:util'
import { writeAll } from '@yabumi/files'
import { mboxLockSeconds } from '@yabumi/limits'
import { Descent, type FilePlace, type Manner, refuseForeign } from '@yabumi/ownpath'
import { lock } from '@yabumi/posix'
import { errnoOf, errorText, Trouble } from '@yabumi/trouble'
import { FromQuoter } from './quote.ts'
import { inTurn } from './turns.ts'

/** A message's bytes: all of them, or, where they are many, piece by piece. */
export type MessageBytes = Buffer | AsyncIterable<Buffer>

/**
 * Append to an mbox, creating it if there is none.
 *
 * @param path - byte string; relative ones are relative to the working directory
 * @param head - the `From ` line and what else goes in front of the message
 * @param manner - how its path is gone (package ownpath)
 * @throws Trouble 4.2.1 or 4.3.0 with the texts of spec §2.7.5
 */
export async function appendToMbox(path: string, head: Buffer, message: MessageBytes, manner: Manner = 'descriptors'): Promise<void> {
  const deadline = performance.now() + mboxLockSeconds * 1000
  await inTurn(path, async () => {
    const mbox = await openLocked(path, deadline, manner)
    try {
      await append(mbox, path, head, message)
    } finally {
      close(mbox)
    }
  })
}

interface OpenMbox {
  readonly fd: number
  readonly place: FilePlace
  /** What holds its place. */
  readonly descent: Descent
}

interface LockedMbox extends OpenMbox {
  readonly locked: boolean
}

function close({ fd, descent }: OpenMbox): void {
  closeSync(fd)
  descent.close()
}

/**
 * Open and lock the file of this name. Whoever had the lock may have put another file in its place, as maildir2mbox does: an
 * append to the old one would be lost.
 */
async function openLocked(path: string, deadline: number, manner: Manner): Promise<LockedMbox> {
  for (;;) {
    const mbox = open(path, manner)
    const locked = await lock(mbox.fd, (deadline - performance.now()) / 1000).catch(() => undefined) // where it is impossible qmail goes on, too
    if (locked === undefined || (locked && isNamed(mbox))) return { ...mbox, locked: locked ?? false }
    close(mbox)
    if (!locked) throw new Trouble('4.3.0', 'File has been locked for 30 seconds straight.')
  }
}

function isNamed({ fd, place }: OpenMbox): boolean {
  const [opened, named] = [fstatSync(fd), statSync(pathOf(place), { throwIfNoEntry: false })]
  return opened.ino === named?.ino && opened.dev === named.dev
}

const flags = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_NONBLOCK | constants.O_NOFOLLOW

function open(path: string, manner: Manner): OpenMbox {
  const descent = new Descent(manner)
  let fd: number | undefined
  try {
    let place = descent.toFile(path)
    fd = openUnlinked(place)
    while (fd === undefined) {
      place = descent.follow(place)
      fd = openUnlinked(place)
    }
    refuseUnusable(path, fstatSync(fd))
    return { fd, place, descent }
  } catch (cause) {
    if (fd !== undefined) closeSync(fd)
    descent.close()
    throw new Trouble('4.2.1', cannotOpen(path, cause), { cause })
  }
}

function refuseUnusable(path: string, status: Stats): void {
  if (!status.isFile()) throw new Error('not a regular file')
  if (status.nlink > 1) throw new Error('file has several names')
  refuseForeign(path, status)
}

function cannotOpen(path: string, cause: unknown): string {
  return `Unable to open ${path}: ${errorText(cause)}.`
}

/**
 * What an append to an mbox would say of it now.
 *
 * @param manner - how its path is gone (package ownpath)
 * @returns undefined if it can be used, or made
 */
export function mboxProblem(path: string, manner: Manner): string | undefined {
  const descent = new Descent(manner)
  try {
    let place = descent.toFile(path)
    let status = lstatSync(pathOf(place), { throwIfNoEntry: false })
    while (status?.isSymbolicLink()) {
      place = descent.follow(place)
      status = lstatSync(pathOf(place), { throwIfNoEntry: false })
    }
    if (status !== undefined) refuseUnusable(path, status)
    return undefined
  } catch (cause) {
    return cannotOpen(path, cause)
  } finally {
    descent.close()
  }
}

/** @returns undefined if the name is a link's */
function openUnlinked(place: FilePlace): number | undefined {
  try {
    return openSync(pathOf(place), flags, 0o600)
  } catch (error) {
    if (errnoOf(error) === 'ELOOP') return undefined
    throw error
  }
}

function pathOf({ directory, last }: FilePlace): Buffer {
  return Buffer.from(`${directory.path}/${last}`, 'latin1')
}

async function append({ fd, locked, place }: LockedMbox, path: string, head: Buffer, message: MessageBytes): Promise<void> {
  const end = fstatSync(fd).size
  try {
    await writeMessage(fd, Buffer.concat([separation(fd, end), head]), message)
    await synced(fd)
    if (end === 0) await directorySynced(`${place.directory.path}/`)
  } catch (cause) {
    if (locked) ftruncateSync(fd, end)
    throw cause instanceof Trouble ? cause : new Trouble('4.3.0', `Unable to write ${path}: ${errorText(cause)}.`, { cause })
  }
}

const lineEnd = Buffer.from('\n')
const emptyLine = Buffer.from('\n\n')

/** What ends a line that a crash has cut off, and the message with it; nothing where the last line is whole, or nobody may look. */
function separation(appended: number, end: number): Buffer {
  if (end === 0) return Buffer.alloc(0)
  const last = Buffer.alloc(1)
  try {
    const fd = openSync(`/proc/self/fd/${appended}`, constants.O_RDONLY | constants.O_NONBLOCK)
    try {
      if (readSync(fd, last, 0, 1, end - 1) === 0) return Buffer.alloc(0)
    } finally {
      closeSync(fd)
    }
  } catch {
    return Buffer.alloc(0)
  }
  return last.equals(lineEnd) ? Buffer.alloc(0) : emptyLine
}

async function writeMessage(fd: number, head: Buffer, message: MessageBytes): Promise<void> {
  const quoter = new FromQuoter()
  if (Buffer.isBuffer(message)) {
    writeAll(fd, Buffer.concat([head, ...quoter.push(message), quoter.end(), lineEnd]))
    return
  }
  writeAll(fd, head)
  for await (const piece of readable(message)) await writePiece(fd, joined(quoter.push(piece)))
  writeAll(fd, Buffer.concat([quoter.end(), lineEnd]))
}

/** Most pieces have no line to quote, and are not worth a copy. */
function joined(parts: Buffer[]): Buffer {
  return parts.length === 1 ? (parts[0] as Buffer) : Buffer.concat(parts)
}

/** Tells trouble with the message from trouble with the mbox. */
async function* readable(message: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const pieces = message[Symbol.asyncIterator]()
  for (;;) {
    const next = await pieces.next().catch((cause: unknown) => {
      throw cause instanceof Trouble ? cause : new Trouble('4.3.0', `Unable to read message: ${errorText(cause)}.`, { cause })
    })
    if (next.done === true) return
    yield next.value
  }
}

const writeSome = promisify(write)

/** A long message must not hold up the other deliveries of this process: its writes are asynchronous. */
async function writePiece(fd: number, bytes: Buffer): Promise<void> {
  for (let done = 0; done < bytes.length; ) done += (await writeSome(fd, bytes, done)).bytesWritten
}

function synced(fd: number): Promise<void> {
  return new Promise((resolve, reject) => fsync(fd, (error) => (error === null ? resolve() : reject(error))))
}

async function directorySynced(path: string): Promise<void> {
  const fd = openSync(Buffer.from(path, 'latin1'), 'r')
  try {
    await synced(fd)
  } finally {
    closeSync(fd)
  }
}
