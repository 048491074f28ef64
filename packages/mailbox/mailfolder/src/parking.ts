/**
 * A session's view of a mailbox, while nobody serves the session: enough to make the same view again.
 *
 * The UIDs themselves are not kept. They are those that are there, and those that have gone since. A checksum says
 * whether that is true: if it is not, the view cannot be had again.
 */
import { crc32 } from 'node:zlib'
import type { Gone } from './history.ts'

/** Plain data. */
export interface ParkedView {
  readonly uidValidity: number
  readonly readWrite: boolean
  /** One more than its last UID. */
  readonly uidNext: number
  /** What has changed after this one was not told yet. */
  readonly modseq: number
  readonly check: number
  /** UIDs that are \Recent in it. */
  readonly recent: readonly number[]
}

export function checkOf(uids: Uint32Array): number {
  return crc32(Buffer.from(uids.buffer, uids.byteOffset, uids.byteLength))
}

/** UIDs of a view as it was. @param here - those that there are. @param gone - what went since. @returns undefined if that is not known */
export function uidsOf({ uidNext, check }: ParkedView, here: Uint32Array, gone: readonly Gone[] | undefined): Uint32Array | undefined {
  if (gone === undefined) return undefined
  const uids = new Set(here)
  for (const { first, last } of gone) for (let uid = first; uid <= last && uid < uidNext; uid += 1) uids.add(uid)
  const all = Uint32Array.from(uids)
    .sort()
    .filter((uid) => uid < uidNext)
  return checkOf(all) === check ? all : undefined
}
