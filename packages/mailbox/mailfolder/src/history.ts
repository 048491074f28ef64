/**
 * Which messages went, and at which modseq: what QRESYNC tells a client that was away (RFC 7162 §3.2).
 *
 * Bound   a number of entries; older ones are forgotten, and then every UID that is missing counts as gone
 */
import { expungeHistoryEntries } from '@yabumi/limits'

/** UIDs from `first` to `last` went at `modseq`. */
export interface Gone {
  readonly first: number
  readonly last: number
  readonly modseq: number
}

export class History {
  #entries: Gone[]
  /** What went at this modseq or before is not known. */
  #since: number

  constructor(since: number, entries: readonly Gone[] = []) {
    this.#since = since
    this.#entries = [...entries]
  }

  get since(): number {
    return this.#since
  }

  get entries(): readonly Gone[] {
    return this.#entries
  }

  /** @param uids - ascending */
  add(uids: readonly number[], modseq: number): void {
    for (const uid of uids) {
      const last = this.#entries.at(-1)
      if (last !== undefined && last.modseq === modseq && last.last === uid - 1) this.#entries.splice(-1, 1, { ...last, last: uid })
      else this.#entries.push({ first: uid, last: uid, modseq })
    }
    if (this.#entries.length > expungeHistoryEntries) {
      const old = this.#entries.splice(0, this.#entries.length - Math.floor(expungeHistoryEntries / 2))
      this.#since = old.at(-1)?.modseq ?? this.#since
      this.#entries = this.#entries.filter(({ modseq: each }) => each > this.#since)
    }
  }

  /** What went after a modseq, in no order; undefined if that is not known any more. */
  after(modseq: number): readonly Gone[] | undefined {
    return modseq < this.#since ? undefined : this.#entries.filter((entry) => entry.modseq > modseq)
  }
}
