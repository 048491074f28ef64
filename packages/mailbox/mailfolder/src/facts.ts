/**
 * What is known of a message, and is looked up when somebody asks: bytes, sizes, dates, its name for good.
 *
 * Trust   a regular file of the Maildir; links, FIFOs and devices are no messages
 */
import { createHash } from 'node:crypto'
import { closeSync, constants, fstatSync, lstatSync, openSync, readSync } from 'node:fs'
import { fieldOf } from '@yabumi/dovecotfiles'
import type { FileStamp } from '@yabumi/messagecache'
import { baseOf } from './filename.ts'
import type { Folder } from './folder.ts'
import { wireSize } from './lineends.ts'

/** A file that was read. */
export interface MessageFile {
  readonly bytes: Buffer
  readonly stamp: FileStamp
}

/**
 * The bytes of a message's file, as they lie there.
 *
 * @param into - takes them if it is long enough, until the next call
 * @throws the system's error, ENOENT if it is not there under that name
 */
export function readFileOf(folder: Folder, index: number, into?: Buffer): MessageFile {
  const fd = openSync(pathOf(folder, index), constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  try {
    const status = fstatSync(fd)
    if (!status.isFile()) throw Object.assign(new Error('ENOENT: no message'), { code: 'ENOENT' })
    const room = into !== undefined && into.length >= status.size ? into : Buffer.allocUnsafe(status.size)
    const bytes = room.subarray(0, readSync(fd, room, 0, status.size, 0))
    const { table } = folder
    table.set('date', index, Math.floor(status.mtimeMs / 1000))
    table.set('size', index, bytes.length)
    table.set('wireSize', index, wireSize(bytes))
    return { bytes, stamp: { ino: status.ino, size: status.size, mtimeMs: status.mtimeMs } }
  } finally {
    closeSync(fd)
  }
}

/** Another one when another program has written the message's file anew, but not when its flags change. @throws the system's error */
export function stampOf(folder: Folder, index: number): FileStamp {
  const { ino, size, mtimeMs } = lstatSync(pathOf(folder, index))
  return { ino, size, mtimeMs }
}

/** Bytes that a message has on the wire: from its name, or what we counted, or by reading it. @throws the system's error */
export function wireSizeOf(folder: Folder, index: number): number {
  if (folder.table.get('wireSize', index) === -1) readFileOf(folder, index)
  return folder.table.get('wireSize', index)
}

/** Bytes of the file: from its name, or by looking. @throws the system's error */
export function fileSize(folder: Folder, index: number): number {
  const known = folder.table.get('size', index)
  return known === -1 ? look(folder, index).size : known
}

/** INTERNALDATE, in seconds since 1970: when the file was written. @throws the system's error */
export function dateOf(folder: Folder, index: number): number {
  const known = folder.table.get('date', index)
  return known === -1 ? look(folder, index).date : known
}

/** When the message came into this mailbox, in seconds since 1970; if nobody saw that, when its file was last renamed. @throws the system's error */
export function saveDateOf(folder: Folder, index: number): number {
  const known = folder.table.get('saved', index)
  return known === -1 ? look(folder, index).saved : known
}

/** The message's name for good, which its copies share. It has no blank. */
export function guidOf({ table, list }: Folder, index: number): string {
  const base = baseOf(table.nameAt(index))
  return fieldOf(list.find(base)?.fields ?? '', 'G') ?? (/[ \t\r\n]/.test(base) ? digest(base) : base)
}

/** EMAILID of RFC 8474, which copies share. */
export function emailIdOf(folder: Folder, index: number): string {
  return `E${digest(guidOf(folder, index))}`
}

function digest(text: string): string {
  return createHash('sha256').update(text, 'latin1').digest('hex').slice(0, 32)
}

function look(folder: Folder, index: number): { size: number; date: number; saved: number } {
  const { size, mtimeMs, ctimeMs } = lstatSync(pathOf(folder, index))
  const facts = { size, date: Math.floor(mtimeMs / 1000), saved: Math.floor(ctimeMs / 1000) }
  const { table } = folder
  if (table.get('size', index) === -1) table.set('size', index, size)
  table.set('date', index, facts.date)
  if (table.get('saved', index) === -1) table.set('saved', index, facts.saved)
  return facts
}

function pathOf({ place, table }: Folder, index: number): string | Buffer {
  return place[table.partAt(index)].entry(table.nameAt(index))
}
