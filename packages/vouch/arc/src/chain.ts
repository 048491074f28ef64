/**
 * Whether a chain of seals holds (RFC 8617 §5.2). Who has handled the message says what it was worth then, and each
 * vouches for those before.
 *
 * In      the header, by a verifier of DKIM whose companion this is, so that the body passes once
 * Memory  the header
 * Bound   so many sets; a question to the DNS for each of their keys, once; the body is hashed for the newest only
 * Trust   that a chain holds says nothing of whether its sealers are honest
 */

import type { KeyRecord } from '@yabumi/dkim'
import {
  type BodyHashes,
  type Companion,
  canonicalField,
  canonicalFields,
  canonicalOwn,
  FieldStacks,
  findKey,
  isSigned,
  type LookUp,
  type NoKey,
} from '@yabumi/dkim'
import { dkimLargestKeyBits, dkimSkewSeconds, dkimSmallestKeyBits } from '@yabumi/limits'
import { type ArcSet, type ChainWord, readSets, type Seal, type Sets } from './sets.ts'

export interface ChainVerdict {
  readonly result: ChainWord
  /** Why it does not hold, in words of ours. */
  readonly reason?: string
  /** Who sealed, the first one first; to be believed only where the result is pass. */
  readonly sealers: readonly string[]
  /** What each found out, as the body of Authentication-Results; to be believed of those sealers who are. */
  readonly results: readonly string[]
}

export interface ChainOptions {
  readonly lookUp: LookUp
  readonly nowSeconds: number
  /** RSA keys with fewer bits do not count (control/dkimminbits). */
  readonly smallestKeyBits?: number
}

export class Chain implements Companion {
  readonly #options: ChainOptions
  #sets: Sets = []
  #stacks: FieldStacks | undefined
  #hashes: BodyHashes | undefined
  /** By selector, domain and kind: a key that seals twice is asked for once. */
  readonly #keys = new Map<string, Promise<KeyRecord | NoKey>>()

  constructor(options: ChainOptions) {
    this.#options = options
  }

  takeHeader(fields: readonly string[] | undefined, hashes: BodyHashes): void {
    this.#sets = fields === undefined ? { problem: 'the header is too long' } : readSets(fields)
    if (fields === undefined || 'problem' in this.#sets) return
    this.#stacks = new FieldStacks(fields)
    this.#hashes = hashes
    const newest = this.#sets.at(-1)
    if (newest === undefined || this.#sets.some(({ seal }) => seal.chain === 'fail')) return
    const { bodyForm, hash, bodyLength } = newest.message.signature
    hashes.want(bodyForm, hash, bodyLength)
    for (const signature of [newest.message.signature, ...this.#sets.map(({ seal }) => seal)]) void this.#key(signature)
  }

  /** After the verifier's end. */
  async end(): Promise<ChainVerdict> {
    const sets = this.#sets
    if ('problem' in sets) return { result: 'fail', reason: sets.problem, sealers: [], results: [] }
    const sealers = sets.map(({ seal }) => seal.domain.toLowerCase())
    const results = sets.map((set) => resultsIn(set.results))
    if (sets.length === 0) return { result: 'none', sealers, results }
    const broken = sets.findIndex(({ seal }) => seal.chain === 'fail')
    if (broken >= 0) return { result: 'fail', reason: `it was broken when it was sealed (set ${broken + 1})`, sealers, results }
    const problem = (await this.#messageProblem(sets.at(-1) as ArcSet)) ?? (await this.#sealsProblem(sets))
    return problem === undefined ? { result: 'pass', sealers, results } : { result: 'fail', reason: problem, sealers, results }
  }

  async #messageProblem({ message: { field, signature } }: ArcSet): Promise<string | undefined> {
    const { nowSeconds } = this.#options
    if (signature.expiresAt !== undefined && signature.expiresAt <= nowSeconds) return 'the message signature has expired'
    if (signature.madeAt !== undefined && signature.madeAt > nowSeconds + dkimSkewSeconds) return 'the message signature is of the future'
    const body = this.#hashes?.get(signature.bodyForm, signature.hash, signature.bodyLength)
    if (body === undefined || !body.isFull || body.leavesOut || signature.bodyHash?.equals(body.digest) !== true)
      return 'the body was changed'
    const fields = (this.#stacks as FieldStacks).select(signature.names, field)
    const data = canonicalFields(fields, signature.headerForm) + canonicalOwn(field, signature.headerForm)
    return this.#signedProblem(data, signature, 'the message signature')
  }

  /** The newest first: a chain is mostly broken there. */
  async #sealsProblem(sets: readonly ArcSet[]): Promise<string | undefined> {
    for (let count = sets.length; count >= 1; count -= 1) {
      const problem = await this.#signedProblem(sealedText(sets.slice(0, count)), (sets[count - 1] as ArcSet).seal, `seal ${count}`)
      if (problem !== undefined) return problem
    }
    return undefined
  }

  async #signedProblem(
    data: string,
    by: Pick<Seal, 'keyType' | 'hash' | 'domain' | 'selector' | 'signature'>,
    what: string,
  ): Promise<string | undefined> {
    if (by.hash !== 'sha256') return `${what} is made with SHA-1`
    const record = await this.#key(by)
    if ('reason' in record) return `${what}: ${record.reason}`
    const { key, bits, hashes } = record
    const { smallestKeyBits = dkimSmallestKeyBits } = this.#options
    if (key === undefined) return `${what}: the key was taken back`
    if (hashes !== undefined && !hashes.includes(by.hash)) return `${what}: the key is not for this hash`
    if (bits !== undefined && (bits < smallestKeyBits || bits > dkimLargestKeyBits)) return `${what}: a key of ${bits} bits does not count`
    return isSigned(Buffer.from(data, 'latin1'), by.signature, by.keyType, by.hash, key) ? undefined : `${what} is wrong`
  }

  #key(by: Pick<Seal, 'keyType' | 'domain' | 'selector'>): Promise<KeyRecord | NoKey> {
    const name = `${by.selector} ${by.domain} ${by.keyType}`.toLowerCase()
    const known = this.#keys.get(name)
    if (known !== undefined) return known
    const key = findKey(by, this.#options.lookUp)
    this.#keys.set(name, key)
    return key
  }
}

/** Without the number of the set, which stands first. */
function resultsIn(field: string): string {
  const body = field.slice(field.indexOf(':') + 1)
  return body.slice(body.indexOf(';') + 1)
}

/** What the newest of these sets seals: all of them, in order, and itself without its signature (RFC 8617 §5.1.1). */
export function sealedText(
  sets: readonly { readonly results: string; readonly message: { readonly field: string }; readonly seal: { readonly field: string } }[],
): string {
  return sets
    .map(({ results, message, seal }, index) => {
      const before = canonicalFields([results, message.field], 'relaxed')
      return before + (index === sets.length - 1 ? canonicalOwn(seal.field, 'relaxed') : canonicalField(seal.field, 'relaxed'))
    })
    .join('')
}
