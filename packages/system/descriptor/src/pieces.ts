/** Input is read to its end in pieces, whether it is a file, a pipe, a socket or a terminal. */
import { readSync } from 'node:fs'
import { openInput } from './stream.ts'

const pieceBytes = 65_536

/**
 * The bytes of a descriptor to its end, for those who ask for each piece. A piece belongs to who gets it.
 *
 * @param filePieceBytes - how much of a file is read at once
 * @throws the system's error if it is closed or cannot be read
 */
export async function* piecesOf(fd: number, filePieceBytes: number = pieceBytes): AsyncGenerator<Buffer, void> {
  const socket = openInput(fd)
  if (socket === undefined) yield* filePieces(fd, filePieceBytes)
  else yield* socket as AsyncIterable<Buffer>
}

/** A file never waits. */
function* filePieces(fd: number, bytes: number): Generator<Buffer, void> {
  for (;;) {
    const piece = Buffer.allocUnsafe(bytes)
    const length = readSync(fd, piece)
    if (length === 0) return
    yield piece.subarray(0, length)
  }
}
