/**
 * The copy of a message at the end of its bounce. It is all of the message, as qmail has it (spec §2.5.8), or as much
 * as control/ allows.
 *
 * It streams through a buffer whatever the size is.
 */
import { closeSync, openSync, readSync } from 'node:fs'
import type { Submission } from '@yabumi/enqueue'
import type { Controls } from '../controls.ts'

const copyBytes = 65_536
const newline = 10
const truncated = '\n--- Rest of message truncated.\n'

/** Where a copy ends. */
export interface CopyLimit {
  readonly mostBytes: number
  /** The body stays out. */
  readonly headerOnly: boolean
  /** Nothing says that there was more. */
  readonly silent?: boolean
}

/** What control/bouncemaxbytes and control/doublebouncetrim say about a bounce. @param double - of a message that was a bounce */
export function copyLimitOf({ bounceMaxBytes, doubleBounceTrim }: Controls, double: boolean): CopyLimit {
  return { mostBytes: bounceMaxBytes === 0 ? Number.POSITIVE_INFINITY : bounceMaxBytes, headerOnly: double && doubleBounceTrim }
}

/** Copy a file. @param file - relative to queue/ @throws the system's error */
export async function copy(file: string, submission: Submission): Promise<void> {
  for (const piece of piecesOf(file)) if (!submission.write(piece)) await submission.drained()
}

/** Copy a message up to the limit; a last line says that there was more. @throws the system's error */
export async function copyMessage(file: string, submission: Submission, limit: CopyLimit): Promise<void> {
  let left = limit.mostBytes
  let last = newline // of what was copied
  let cut = false
  for (const piece of piecesOf(file)) {
    const end = Math.min(left, limit.headerOnly ? headerEnd(piece, last) : piece.length, piece.length)
    cut = end < piece.length
    left -= end
    if (end > 0) last = piece[end - 1] as number
    if (!submission.write(cut ? piece.subarray(0, end) : piece)) await submission.drained()
    if (cut) break
  }
  if (cut && limit.silent !== true) submission.write(Buffer.from(last === newline ? truncated : `\n${truncated}`))
}

/** Bytes up to the empty line, without it; beyond the piece if it is not in there. @param before - the byte before the piece */
function headerEnd(piece: Buffer, before: number): number {
  if (before === newline && piece[0] === newline) return 0
  const end = piece.indexOf('\n\n')
  return end < 0 ? Number.POSITIVE_INFINITY : end + 1
}

/** A file in pieces. @param file - relative to queue/ @throws the system's error */
export function* piecesOf(file: string): Generator<Buffer> {
  const fd = openSync(`queue/${file}`, 'r')
  try {
    for (;;) {
      const bytes = Buffer.allocUnsafe(copyBytes)
      const count = readSync(fd, bytes, 0, copyBytes, null)
      if (count === 0) return
      yield bytes.subarray(0, count)
    }
  } finally {
    closeSync(fd)
  }
}
