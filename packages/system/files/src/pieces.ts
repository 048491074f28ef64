/**
 * A message on a descriptor, in pieces.
 *
 * readSync waits by itself, costs no start-up time and no thread; only a descriptor that its owner made non-blocking is
 * asked again and again. Each piece is a buffer of its own: it may still be on its way out when the next one is read.
 */
import { readSync } from 'node:fs'
import { errnoOf } from '@yabumi/trouble'

const pieceBytes = 65_536
const pauseMilliseconds = 5

/** The bytes of an open descriptor from where it stands to its end. @throws the error of read(2) */
export async function* messagePieces(fd: number): AsyncGenerator<Buffer, void> {
  for (;;) {
    const buffer = Buffer.allocUnsafeSlow(pieceBytes)
    const length = await readSome(fd, buffer)
    if (length === 0) return
    yield buffer.subarray(0, length)
  }
}

async function readSome(fd: number, buffer: Buffer): Promise<number> {
  for (;;) {
    try {
      return readSync(fd, buffer)
    } catch (error) {
      if (errnoOf(error) !== 'EAGAIN') throw error
      await new Promise((resolve) => setTimeout(resolve, pauseMilliseconds))
    }
  }
}
