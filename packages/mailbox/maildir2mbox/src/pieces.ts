/** A file is read through one buffer: however long it is, it takes no more memory than one piece. */
import { readSync } from 'node:fs'

const pieceBytes = 262_144

/** The bytes of an open file from where it stands; each piece is gone when the next one is asked for. */
export function* filePieces(fd: number): Generator<Buffer, void> {
  const buffer = Buffer.allocUnsafe(pieceBytes)
  for (let length = readSync(fd, buffer); length > 0; length = readSync(fd, buffer)) yield buffer.subarray(0, length)
}
