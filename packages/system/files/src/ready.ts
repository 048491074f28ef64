import { errnoOf } from '@yabumi/trouble'

const pauseMilliseconds = 5

/**
 * Make a system call that would wait, were its descriptor not non-blocking: whoever shares the open file may have made it so.
 *
 * This process does nothing else meanwhile.
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
