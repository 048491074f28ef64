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
}

/** What control/bouncemaxbytes and control/doublebouncetrim say about a bounce. @param double - of a message that was a bounce */
export function copyLimitOf({ bounceMaxBytes, doubleBounceTrim }: Controls, double: boolean): CopyLimit {
  return { mostBytes: bounceMaxBytes === 0 ? Number.POSITIVE_INFINITY : bounceMaxBytes, headerOnly: double && doubleBounceTrim }
}

/** Copy a file. @param file - relative to queue/ @throws the system's error */
export async function copy(file: string, submission: Submission): Promise<void> {
  await copyPieces(file, submission, (piece) => piece)
}

/** Copy a message up to the limit; a last line says that there was more. @throws the system's error */
export async function copyMessage(file: string, submission: Submission, limit: CopyLimit): Promise<void> {
  let left = limit.mostBytes
  let last = newline // of what was copied
  let cut = false
  await copyPieces(file, submission, (piece) => {
    const end = Math.min(left, limit.headerOnly ? headerEnd(piece, last) : piece.length, piece.length)
    cut = end < piece.length
    left -= end
    if (end > 0) last = piece[end - 1] as number
    return cut ? piece.subarray(0, end) : piece
  })
  if (cut) submission.write(Buffer.from(last === newline ? truncated : `\n${truncated}`))
}

/** Bytes up to the empty line, without it; beyond the piece if it is not in there. @param before - the byte before the piece */
function headerEnd(piece: Buffer, before: number): number {
  if (before === newline && piece[0] === newline) return 0
  const end = piece.indexOf('\n\n')
  return end < 0 ? Number.POSITIVE_INFINITY : end + 1
}

/** @param take - gives as much of a piece as is wanted; with less than all of it the copy ends */
async function copyPieces(file: string, submission: Submission, take: (piece: Buffer) => Buffer): Promise<void> {
  const fd = openSync(`queue/${file}`, 'r')
  try {
    for (;;) {
      const bytes = Buffer.allocUnsafe(copyBytes)
      const count = readSync(fd, bytes, 0, copyBytes, null)
      if (count === 0) return
      const piece = take(bytes.subarray(0, count))
      if (!submission.write(piece)) await submission.drained()
      if (piece.length < count) return
    }
  } finally {
    closeSync(fd)
  }
}
