/**
 * Who has been put off, and who has come back. A waiting entry has the time of its first try, a passed one that of its
 * last.
 *
 * Passed entries are never pushed out by waiting ones. A /24 or /48 has so many waiting; the oldest of its own make
 * room. A full table takes no more.
 */
import { greylistEntries, greylistPassDays, greylistPerNetwork, greylistRetrySeconds } from '@yabumi/limits'

const passSeconds = 86_400 * greylistPassDays

export interface Entry {
  readonly network: string
  readonly passed: boolean
  readonly seconds: number
}

export class Entries {
  readonly #entries = new Map<string, Entry>()
  /** Keys of waiting ones by who has a share of them, the oldest first. */
  readonly #waiting = new Map<string, Set<string>>()
  /** How many have passed, by network. */
  readonly #passed = new Map<string, number>()

  get size(): number {
    return this.#entries.size
  }

  /** Those of the whole table, with their keys. */
  all(): IterableIterator<[string, Entry]> {
    return this.#entries.entries()
  }

  /** @returns the entry, if it is not too old. @param now - seconds of Unix time */
  get(key: string, now: number): Entry | undefined {
    const entry = this.#entries.get(key)
    if (entry === undefined || isFresh(entry, now)) return entry
    this.#remove(key, entry)
    return undefined
  }

  /** How many entries of a network have passed. */
  passedOf(network: string): number {
    return this.#passed.get(network) ?? 0
  }

  /** @returns false if there is no room for it */
  put(key: string, entry: Entry): boolean {
    const before = this.#entries.get(key)
    if (before !== undefined) this.#remove(key, before)
    if (!entry.passed) this.#makeRoom(shareOf(entry.network))
    if (this.#entries.size >= greylistEntries) return false
    this.#entries.set(key, entry)
    if (entry.passed) this.#passed.set(entry.network, this.passedOf(entry.network) + 1)
    else this.#waitingOf(shareOf(entry.network)).add(key)
    return true
  }

  /** Forget those that are too old. */
  sweep(now: number): void {
    for (const [key, entry] of this.#entries) if (!isFresh(entry, now)) this.#remove(key, entry)
  }

  #waitingOf(share: string): Set<string> {
    const known = this.#waiting.get(share)
    if (known !== undefined) return known
    const keys = new Set<string>()
    this.#waiting.set(share, keys)
    return keys
  }

  #makeRoom(share: string): void {
    const keys = this.#waiting.get(share)
    const [oldest] = keys ?? []
    const entry = oldest === undefined ? undefined : this.#entries.get(oldest)
    if (keys !== undefined && keys.size >= greylistPerNetwork && oldest !== undefined && entry !== undefined) this.#remove(oldest, entry)
  }

  #remove(key: string, { network, passed }: Entry): void {
    this.#entries.delete(key)
    if (passed) {
      const left = this.passedOf(network) - 1
      if (left > 0) this.#passed.set(network, left)
      else this.#passed.delete(network)
      return
    }
    const share = shareOf(network)
    const keys = this.#waiting.get(share)
    keys?.delete(key)
    if (keys?.size === 0) this.#waiting.delete(share)
  }
}

/** A customer may have a whole /48, and so 65,536 networks. */
function shareOf(network: string): string {
  return network.endsWith('/64') ? network.slice(0, network.lastIndexOf(':')) : network
}

function isFresh({ passed, seconds }: Entry, now: number): boolean {
  const age = now - seconds
  return age < (passed ? passSeconds : greylistRetrySeconds)
}
