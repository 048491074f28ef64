/**
 * Write what shall become messages into tmp/: bytes of a client, or another name for a message of another mailbox.
 *
 * Synced   each file, before its name is handed on
 * Crash    leaves files in tmp/, which are removed after 36 hours
 */
import { closeSync, constants, fstatSync, futimesSync, linkSync, openSync, readFileSync } from 'node:fs'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { removeQuietly, writeAll } from '@yabumi/files'
import { flush } from '@yabumi/maildir'
import { errnoOf } from '@yabumi/trouble'
import type { Coming } from './commit.ts'
import { fileSize, guidOf } from './facts.ts'
import { newBase } from './filename.ts'
import type { Folder } from './folder.ts'
import { toDisk, wireSize } from './lineends.ts'
import { Refusal } from './refusal.ts'
import { untilThere } from './store.ts'
import { keywordNames } from './words.ts'

/** A message that a client gives. */
export interface Appended {
  /** With CRLF or LF at its line ends. */
  readonly message: Buffer
  /** Bits of `flagBits`. */
  readonly flags: number
  readonly keywords: readonly string[]
  /** INTERNALDATE in seconds since 1970; now if it is undefined. */
  readonly date?: number
}

/** Files that are being synced. */
let syncing = 0

/** Two changes of thread take longer than most syncs: a file that is alone is synced without. */
async function sync(fd: number): Promise<void> {
  syncing += 1
  try {
    await nextTurn()
    await flush(fd, syncing === 1)
  } finally {
    syncing -= 1
  }
}

/** @throws the system's error; then nothing is left of it */
export async function writeComing(folder: Folder, { message, flags, keywords, date }: Appended): Promise<Coming & { bytes: number }> {
  const disk = toDisk(message)
  const base = newBase(disk.length, wireSize(disk))
  const path = folder.place.tmp.entry(base)
  const fd = openSync(path, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, folder.place.fileMode)
  try {
    writeAll(fd, disk)
    if (date !== undefined) futimesSync(fd, date, date)
    await sync(fd) // with its date
  } catch (error) {
    removeQuietly(path)
    throw error
  } finally {
    closeSync(fd)
  }
  return { base, fields: '', flags, keywords, bytes: disk.length }
}

/**
 * Give messages names in another mailbox's tmp/, in turn of the one where they are.
 *
 * @throws Refusal EXPUNGEISSUED if one is gone; the system's error; then nothing is left of them
 */
export async function linkComing(from: Folder, to: Folder, uids: readonly number[]): Promise<(Coming & { bytes: number })[]> {
  const coming: (Coming & { bytes: number })[] = []
  const syncs: Promise<void>[] = []
  try {
    for (const uid of uids) {
      const one = await untilThere(from, uid, (index) => linkOne(from, to, index))
      if (one === undefined) throw new Refusal('EXPUNGEISSUED', 'Some of the messages are gone')
      coming.push(one)
      syncs.push(syncPath(to.place.tmp.entry(one.base)))
      if (syncs.length === mostSyncs) await Promise.all(syncs.splice(0))
    }
    await Promise.all(syncs)
    return coming
  } catch (error) {
    await Promise.allSettled(syncs)
    for (const { base } of coming) removeQuietly(to.place.tmp.entry(base))
    throw error
  }
}

const mostSyncs = 64 // descriptors that one copy holds

function linkOne(from: Folder, to: Folder, index: number): Coming & { bytes: number } {
  const { table } = from
  const old = from.place[table.partAt(index)].entry(table.nameAt(index))
  const bytes = fileSize(from, index)
  const base = newBase(bytes, table.get('wireSize', index))
  const path = to.place.tmp.entry(base)
  try {
    linkSync(old, path)
  } catch (error) {
    if (!['EXDEV', 'EPERM', 'EMLINK', 'EOPNOTSUPP'].includes(errnoOf(error) ?? '')) throw error
    copyMessage(old, path, to.place.fileMode)
  }
  const marks = table.marksAt(index)
  return { base, fields: `G${guidOf(from, index)}`, flags: marks.flags, keywords: keywordNames(from, marks), bytes }
}

/** A copy of the bytes and of the date, where no second name can be had. */
function copyMessage(old: string | Buffer, path: string | Buffer, mode: number): void {
  const from = openSync(old, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  try {
    const fd = openSync(path, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, mode)
    try {
      writeAll(fd, readFileSync(from))
      const { atime, mtime } = fstatSync(from)
      futimesSync(fd, atime, mtime)
    } catch (error) {
      removeQuietly(path)
      throw error
    } finally {
      closeSync(fd)
    }
  } finally {
    closeSync(from)
  }
}

async function syncPath(path: string | Buffer): Promise<void> {
  const fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  try {
    await sync(fd)
  } finally {
    closeSync(fd)
  }
}
