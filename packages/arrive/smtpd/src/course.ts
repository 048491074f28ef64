/** Which state a session is in, and how it goes on after it has waited. */
import { commands, over, type State, type Waiting } from './state.ts'

export class Course {
  #state: State = commands
  readonly #resume: () => void

  /** @param resume - called after each wait that has ended by itself */
  constructor(resume: () => void) {
    this.#resume = resume
  }

  get state(): State {
    return this.#state
  }

  enter(state: State): void {
    this.#state = state
  }

  /** Wait for a promise, which never rejects, and go on with `then`, unless the session has gone on without it. */
  wait<T>(state: Waiting, promise: Promise<T>, then: (value: T) => void): void {
    this.#state = state
    void promise.then((value) => {
      if (this.#state !== state) return
      this.#state = state.next
      then(value)
      this.#resume()
    })
  }

  /** Let the client wait, then go on with `then`. */
  delay(name: 'greeting' | 'tarpit', seconds: number, then: () => void): void {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.wait({ name, next: commands, timer: setTimeout(resolve, 1000 * seconds) }, promise, then)
  }

  /** Where a client waits for a time only, it waits no more; what was to be done then is not done. */
  cutShort(): void {
    if (!('timer' in this.#state)) return
    clearTimeout(this.#state.timer)
    this.#state = this.#state.next
  }

  /** @returns the state that the end has come in */
  end(): State {
    const ended = this.#state
    this.#state = over
    if ('timer' in ended) clearTimeout(ended.timer)
    return ended
  }
}
