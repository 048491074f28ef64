/**
 * The reports in a file: a message with one, or the report itself, packed or not.
 *
 * Bound   a file as long as a report may be, in base64; what is longer, no plain file, or a link, is not read
 */
import { closeSync, constants, fstatSync, openSync, readdirSync, readSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { readReport } from '@yabumi/dsn'
import { reportBytes } from '@yabumi/limits'
import { type DmarcReport, readDmarcReport, unpack } from '@yabumi/reports'
import { Trouble } from '@yabumi/trouble'

const fileBytes = 2 * reportBytes

/** A report, or why what looks like one cannot be read. */
export type Found = { readonly report: DmarcReport } | { readonly problem: string }

/** The files to read: one, or those of a Maildir. @throws the system's error */
export function filesAt(path: string): string[] {
  if (!statSync(path).isDirectory()) return [path]
  return ['new', 'cur'].flatMap((part) =>
    readdirSync(join(path, part), { withFileTypes: true })
      .filter((entry) => entry.isFile() && !entry.name.startsWith('.'))
      .map(({ name }) => join(path, part, name))
      .sort(),
  )
}

/** @param file - a path, or 0 for standard input @returns undefined for a file without a report @throws the system's error */
export function findIn(file: string | 0): Found | undefined {
  const bytes = readFile(file)
  if (bytes === undefined) return undefined
  if (looksPacked(bytes) || bytes.toString('latin1', 0, 1_000).trimStart().startsWith('<')) return read(bytes)
  const part = readReport(bytes).parts.find(({ type, name = '', bytes: body }) => {
    const isXml = type.endsWith('/xml') || /\.xml$/i.test(name)
    return isXml || (looksPacked(body) && (/\.(?:gz|zip)$/i.test(name) || type.includes('zip') || type === 'application/octet-stream'))
  })
  return part && read(part.bytes)
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

function readFile(file: string | 0): Buffer | undefined {
  if (file === 0) return readAll(0)
  const fd = openSync(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  try {
    return fstatSync(fd).isFile() ? readAll(fd) : undefined
  } finally {
    closeSync(fd)
  }
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
