/**
 * Put off whom nobody knows here; whoever comes back later passes (RFC 6647). Programs that send junk seldom come back.
 *
 * A client is its network, /24 or /64, because large senders come back from another address of it.
 */
import { createHash } from 'node:crypto'
import { greylistDelaySeconds, greylistFullSeconds, greylistKnownNetwork } from '@yabumi/limits'
import { networksOf } from '@yabumi/listener'
import { errorText } from '@yabumi/trouble'
import type { Entries, Entry } from './entries.ts'
import { Journal } from './journal.ts'

/** Byte strings. */
export interface Attempt {
  readonly address: string
  readonly sender: string
  readonly recipient: string
}

export class Greylist {
  readonly #journal: Journal
  readonly #log: (line: string) => void
  #entries: Entries | undefined
  /** When it was said last that the table is full, or cannot be kept. */
  #toldAt = Number.NEGATIVE_INFINITY

  /** @param directory - of its file. @param log - is told of a table that is full or cannot be kept */
  constructor(directory: string, log: (line: string) => void) {
    this.#journal = new Journal(directory)
    this.#log = log
  }

  /** @param now - seconds of Unix time. @returns for how many seconds it is put off; 0 where it passes. Never throws */
  delaySeconds({ address, sender, recipient }: Attempt, now: number): number {
    try {
      this.#entries ??= this.#journal.load(now)
      const network = networkOf(address)
      const text = `${network}\0${sender.toLowerCase()}\0${recipient.toLowerCase()}`
      return this.#judge(this.#entries, createHash('sha256').update(text, 'latin1').digest('base64url').slice(0, 16), network, now)
    } catch (error) {
      this.#tell(`${errorText(error)}; nobody is greylisted`, now)
      return 0
    }
  }

  #judge(entries: Entries, key: string, network: string, now: number): number {
    if (entries.passedOf(network) >= greylistKnownNetwork) return 0
    const known = entries.get(key, now)
    if (known === undefined) return this.#keep(entries, key, { network, passed: false, seconds: now }) ? greylistDelaySeconds : 0
    const left = known.passed ? 0 : known.seconds + greylistDelaySeconds - now
    if (left > 0) return Math.min(left, greylistDelaySeconds)
    const isStale = !known.passed || now - known.seconds >= greylistFullSeconds
    if (isStale) this.#keep(entries, key, { network, passed: true, seconds: now })
    return 0
  }

  /** @returns whether there was room */
  #keep(entries: Entries, key: string, entry: Entry): boolean {
    let isKept = entries.put(key, entry)
    if (!isKept) {
      if (entry.seconds - this.#toldAt >= greylistFullSeconds) entries.sweep(entry.seconds)
      isKept = entries.put(key, entry)
    }
    if (isKept) this.#journal.append(key, entry, entries)
    else this.#tell(`the greylist is full, with ${entries.size} entries; strangers are let through`, entry.seconds)
    return isKept
  }

  #tell(line: string, now: number): void {
    if (now - this.#toldAt < greylistFullSeconds) return
    this.#toldAt = now
    this.#log(line)
  }
}

/** `192.0.2.0/24`, `2001:db8:0:1/64`. */
function networkOf(address: string): string {
  return address.includes(':') ? (networksOf(address)[0] as string) : `${address.split('.').slice(0, 3).join('.')}.0/24`
}
