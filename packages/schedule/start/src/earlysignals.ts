/**
 * Signals for send that come while this process is not send yet: it is told of them by an argument.
 *
 * Node takes no signal while it starts itself, and dies of most. That is for some 20 ms at the beginning, and again
 * when this process has become send. No parent can change that, neither by ignoring a signal nor by blocking it; Node
 * resets both.
 */
import { setImmediate } from 'node:timers/promises'
import { retryAll } from '@yabumi/retrytimes'

export class EarlySignals {
  #retriesAll = false

  constructor() {
    process.on('SIGALRM', () => {
      this.#retriesAll = true
    })
    process.on('SIGHUP', () => undefined) // send reads everything anew
    process.on('SIGURG', () => undefined)
  }

  /** Arguments for send. */
  async heard(): Promise<string[]> {
    await setImmediate() // what has come is known after a turn of the loop
    return this.#retriesAll ? [retryAll] : []
  }
}
