import { writeSync } from 'node:fs'
import { errnoOf } from '@yabumi/trouble'

const pauseMilliseconds = 5
const pause = new Int32Array(new SharedArrayBuffer(4))

/**
 * Write a byte string to descriptor 1, all of it, however slowly it is read: yargs and others make a pipe non-blocking.
 *
 * @returns false if nobody reads it any more, which is no trouble
 */
export function say(text: string): boolean {
  const bytes = Buffer.from(text, 'latin1')
  for (let at = 0; at < bytes.length; ) {
    try {
      at += writeSync(1, bytes, at)
    } catch (error) {
      if (errnoOf(error) === 'EPIPE') return false
      if (errnoOf(error) !== 'EAGAIN') throw error
      Atomics.wait(pause, 0, 0, pauseMilliseconds)
    }
  }
  return true
}
