/**
 * The reports in a file: an mbox, a message with a report, or the report itself, packed or not.
 *
 * Bound   a message as long as a report may be, in base64; what is longer, no plain file, or a link, is not read
 */
import { closeSync, constants, fstatSync, openSync, readdirSync, readSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { readReport } from '@yabumi/dsn'
import { reportBytes } from '@yabumi/limits'
import { scanMbox } from '@yabumi/mbox'
import { type AbuseReport, type DmarcReport, readAbuseReport, readDmarcReport, unpack } from '@yabumi/reports'
import { Trouble } from '@yabumi/trouble'

const fileBytes = 2 * reportBytes
const mboxStart = Buffer.from('From ')

/** A report about DMARC, a complaint, or why what looks like a report cannot be read. */
export type Found = { readonly report: DmarcReport } | { readonly complaint: AbuseReport } | { readonly problem: string }

/** The files to read: one, or those of a Maildir, or of another directory. @throws the system's error */
export function filesAt(path: string): string[] {
  if (!statSync(path).isDirectory()) return [path]
  const isMaildir = ['new', 'cur'].every((part) => statSync(join(path, part), { throwIfNoEntry: false })?.isDirectory())
  return isMaildir ? ['new', 'cur'].flatMap((part) => filesIn(join(path, part))) : filesIn(path)
}

function filesIn(directory: string): string[] {
  return readdirSync(directory, { withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.startsWith('.'))
    .map(({ name }) => join(directory, name))
    .sort()
}

/** @param file - a path, or 0 for standard input, which is no mbox @throws the system's error */
export function* findIn(file: string | 0): Generator<Found> {
  for (const bytes of file === 0 ? [readAll(0)] : messagesOf(file)) {
    const found = bytes && findInMessage(bytes)
    if (found !== undefined) yield found
  }
}

function* messagesOf(file: string): Generator<Buffer | undefined> {
  const fd = openSync(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  try {
    const status = fstatSync(fd)
    if (!status.isFile()) return
    const start = Buffer.alloc(mboxStart.length)
    readSync(fd, start, 0, start.length, 0)
    if (!start.equals(mboxStart)) {
      yield readAll(fd)
      return
    }
    for (const { content, end } of scanMbox(fd, status.size)) {
      if (end - content > fileBytes) continue
      const bytes = Buffer.alloc(end - content)
      // an mbox that has become shorter meanwhile gives zeros, which are no report
      readSync(fd, bytes, 0, bytes.length, content)
      yield bytes
    }
  } finally {
    closeSync(fd)
  }
}

function findInMessage(bytes: Buffer): Found | undefined {
  if (looksPacked(bytes) || bytes.toString('latin1', 0, 1_000).trimStart().startsWith('<')) return read(bytes)
  const part = readReport(bytes).parts.find(({ type, name = '', bytes: body }) => {
    const isXml = type.endsWith('/xml') || /\.xml$/i.test(name)
    return isXml || (looksPacked(body) && (/\.(?:gz|zip)$/i.test(name) || type.includes('zip') || type === 'application/octet-stream'))
  })
  if (part !== undefined) return read(part.bytes)
  const complaint = readAbuseReport(bytes)
  return complaint && { complaint }
}

function read(bytes: Buffer): Found {
  try {
    return { report: readDmarcReport(unpack(bytes)) }
  } catch (error) {
    if (!(error instanceof Trouble)) throw error
    return { problem: error.message }
  }
}

function looksPacked(bytes: Buffer): boolean {
  return (bytes[0] === 0x1f && bytes[1] === 0x8b) || bytes.toString('latin1', 0, 4) === 'PK\x03\x04'
}

/** @returns undefined if it is longer than the limit */
function readAll(fd: number): Buffer | undefined {
  const pieces: Buffer[] = []
  for (let length = 0; length <= fileBytes; ) {
    const piece = Buffer.alloc(65_536)
    const count = readSync(fd, piece, 0, piece.length, null)
    if (count === 0) return Buffer.concat(pieces)
    pieces.push(piece.subarray(0, count))
    length += count
  }
  return undefined
}
