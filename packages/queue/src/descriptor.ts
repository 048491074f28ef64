/**
 * Read a descriptor to its end, in pieces.
 *
 * Pipes, sockets and terminals are waited for in the event loop, because the 24-hour timer and the signals live there;
 * a regular file never waits.
 */
import { fstatSync, readSync } from 'node:fs'
import { Socket } from 'node:net'
import { isatty, ReadStream } from 'node:tty'
import { exitCode, QueueTrouble, step } from './exitcode.ts'

const pieceBytes = 65_536

/** The bytes of a descriptor. A piece is only valid until the next one is asked for. @throws QueueTrouble 54 */
export async function* readDescriptor(fd: number): AsyncGenerator<Buffer, void> {
  const stat = step(exitCode.readError, () => fstatSync(fd))
  if (!stat.isFIFO() && !stat.isSocket() && !isatty(fd)) {
    yield* readFile(fd)
    return
  }
  try {
    yield* isatty(fd) ? new ReadStream(fd) : new Socket({ fd, readable: true, writable: false })
  } catch (cause) {
    throw new QueueTrouble(exitCode.readError, { cause })
  }
}

function* readFile(fd: number): Generator<Buffer, void> {
  const buffer = Buffer.allocUnsafe(pieceBytes)
  for (;;) {
    const length = step(exitCode.readError, () => readSync(fd, buffer))
    if (length === 0) return
    yield buffer.subarray(0, length)
  }
}
