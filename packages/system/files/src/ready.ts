/** A call waits for its descriptor, even though somebody who shares the open file has made that non-blocking. */
import { errnoOf } from '@yabumi/trouble'

const pauseMilliseconds = 5

/**
 * Make a system call, and make it again while it ends with EAGAIN. This process does nothing else meanwhile.
 *
 * @throws the system's error, EAGAIN excepted
 */
export function whenReady<Result>(call: () => Result): Result {
  for (;;) {
    try {
      return call()
    } catch (error) {
      if (errnoOf(error) !== 'EAGAIN') throw error
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, pauseMilliseconds)
    }
  }
}
