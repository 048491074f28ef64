/** What a program says is written whole, however slowly it is read: yargs and others make a pipe non-blocking. */
import { writeSync } from 'node:fs'
import { whenReady } from '@yabumi/files'
import { errnoOf } from '@yabumi/trouble'

/**
 * Write a byte string to descriptor 1.
 *
 * @returns false if nobody reads it any more, which is no trouble
 */
export function say(text: string): boolean {
  const bytes = Buffer.from(text, 'latin1')
  for (let at = 0; at < bytes.length; ) {
    try {
      at += whenReady(() => writeSync(1, bytes, at))
    } catch (error) {
      if (errnoOf(error) === 'EPIPE') return false
      throw error
    }
  }
  return true
}
