/** send wakes up for a new message (spec §1.5). Without a wake-up its next scan of todo/ finds the message. */
import { closeSync, constants, openSync, writeSync } from 'node:fs'

const nul = Buffer.alloc(1)

/**
 * Wake send: write one byte to the FIFO lock/trigger, if somebody has it open for reading. Never fails.
 *
 * The FIFO is closed each time, because send takes the end of file as a wake-up too and never reads the byte.
 */
export function pullTrigger(): void {
  let fd: number | undefined
  try {
    fd = openSync('lock/trigger', constants.O_WRONLY | constants.O_NONBLOCK)
    writeSync(fd, nul)
  } catch {
    // ENXIO: no reader; EAGAIN: it is full, so the reader has been woken already
  } finally {
    if (fd !== undefined) closeSync(fd)
  }
}
