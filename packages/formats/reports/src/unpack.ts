/**
 * The text of a report, out of gzip or zip, or as it is.
 *
 * Bound   bytes unpacked, and how many times as many as packed: what would grow beyond is refused before it has
 */
import { gunzipSync, inflateRawSync } from 'node:zlib'
import { reportBytes, reportRatio } from '@yabumi/limits'
import { Trouble } from '@yabumi/trouble'

/** Below it no ratio counts: little text may be packed well. */
const smallBytes = 65_536

/** @throws Trouble 5.6.0 for what cannot be unpacked, or is too large */
export function unpack(bytes: Buffer): Buffer {
  if (bytes[0] === 0x1f && bytes[1] === 0x8b) return inflate(gunzipSync, bytes)
  if (bytes.length >= 4 && bytes.readUInt32LE(0) === localHeader) return fromZip(bytes)
  if (bytes.length > reportBytes) throw refusal('it is too large')
  return bytes
}

function inflate(how: typeof gunzipSync, packed: Buffer): Buffer {
  const most = Math.min(reportBytes, Math.max(smallBytes, packed.length * reportRatio))
  try {
    return how(packed, { maxOutputLength: most })
  } catch (cause) {
    throw refusal(cause instanceof RangeError ? 'it becomes too large' : 'it is damaged', cause)
  }
}

const localHeader = 0x04034b50
const centralHeader = 0x02014b50
const endHeader = 0x06054b50
const endBytes = 22
const longestComment = 65_535

/** The first file of an archive, as its directory has it (APPNOTE.TXT 4.3). */
function fromZip(bytes: Buffer): Buffer {
  const end = endOfDirectory(bytes)
  const entry = bytes.readUInt32LE(end + 16)
  if (entry + 46 > bytes.length || bytes.readUInt32LE(entry) !== centralHeader) throw refusal('it has no directory')
  const method = bytes.readUInt16LE(entry + 10)
  const packedBytes = bytes.readUInt32LE(entry + 20)
  const header = bytes.readUInt32LE(entry + 42)
  if (header + 30 > bytes.length || bytes.readUInt32LE(header) !== localHeader) throw refusal('it is damaged')
  const start = header + 30 + bytes.readUInt16LE(header + 26) + bytes.readUInt16LE(header + 28)
  const packed = bytes.subarray(start, start + packedBytes)
  if (packed.length < packedBytes) throw refusal('it is damaged')
  if (method === 8) return inflate(inflateRawSync, packed)
  if (method !== 0) throw refusal('it is packed in an unknown way')
  if (packed.length > reportBytes) throw refusal('it is too large')
  return packed
}

function endOfDirectory(bytes: Buffer): number {
  const first = Math.max(0, bytes.length - endBytes - longestComment)
  for (let at = bytes.length - endBytes; at >= first; at -= 1) if (bytes.readUInt32LE(at) === endHeader) return at
  throw refusal('it has no directory')
}

function refusal(what: string, cause?: unknown): Trouble {
  return new Trouble('5.6.0', `a report that cannot be unpacked: ${what}`, { cause })
}
