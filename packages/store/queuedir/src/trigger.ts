import { closeSync, constants, openSync, writeSync } from 'node:fs'

const nul = Buffer.alloc(1)

/**
 * Wake send (spec §1.5): write one byte to the FIFO lock/trigger, if somebody has it open for reading.
 *
 * Never fails: without a wake-up the message is found by send's next scan of todo/. The FIFO is closed each time,
 * because send takes the end of file as a wake-up too and never reads the byte.
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
