/** Answers that may still be used: as long as the zone says, an hour at most, and so many (package limits). */
import { dnsAnswerSeconds, dnsAnswers } from '@yabumi/limits'

interface Entry<T> {
  readonly answer: T
  readonly until: number
}

export class Cache<T> {
  readonly #entries = new Map<string, Entry<T>>()
  readonly #now: () => number

  /** @param now - the clock, in milliseconds */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now
  }

  get(key: string): T | undefined {
    const entry = this.#entries.get(key)
    if (entry !== undefined && entry.until > this.#now()) return entry.answer
    this.#entries.delete(key)
    return undefined
  }

  /** @param seconds - as the zone has it */
  keep(key: string, answer: T, seconds: number): void {
    if (seconds <= 0) return
    const [oldest] = this.#entries.keys()
    if (oldest !== undefined && this.#entries.size >= dnsAnswers) this.#entries.delete(oldest)
    this.#entries.set(key, { answer, until: this.#now() + Math.min(seconds, dnsAnswerSeconds) * 1000 })
  }

  clear(): void {
    this.#entries.clear()
  }
}
