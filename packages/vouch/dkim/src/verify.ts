/**
 * What the signatures of a message are worth (RFC 6376 §6.1, RFC 8301, RFC 8463).
 *
 * In      the message as the wire has it, with CRLF line ends, in pieces of any size
 * Memory  the header, up to its limit; nothing of the body
 * Bound   so many signatures; one pass over the body for all of them; time linear in the bytes
 * Trust   believes nothing that the message or the DNS says, beyond what is verified
 */
import { createVerify, type KeyObject, type Verify } from 'node:crypto'
import { dkimLargestKeyBits, dkimSignatures, dkimSkewSeconds, dkimSmallestKeyBits, dkimSmallestWeakKeyBits } from '@yabumi/limits'
import { BodyHashes } from './bodyhash.ts'
import { canonicalField, type Form } from './canonical.ts'
import type { KeyRecord } from './keyrecord.ts'
import { findKey, isSigned, type LookUp } from './keys.ts'
import { FieldStacks, MessageParts, nameOf, type PartsReader } from './parts.ts'
import { readSignature, type Signature, type SignatureReading, type SignatureWords, withoutSignature } from './signature.ts'

/** Words of RFC 8601 §2.7.1. policy: it may be right, but does not count here. */
export type Result = 'pass' | 'fail' | 'policy' | 'neutral' | 'temperror' | 'permerror'

/** What came of one signature. */
export interface Verdict extends SignatureWords {
  readonly result: Result
  /** Why it is no pass, in words of ours. */
  readonly reason?: string
  /** The key's owner only tries it out. */
  readonly testing?: true
}

export interface VerifyOptions {
  readonly lookUp: LookUp
  readonly nowSeconds: number
  /** Take what no longer counts: SHA-1, RSA keys from 512 bits, bodies signed in part, the drafts of 2005 and 2006. */
  readonly weak?: boolean
  /** RSA keys with fewer bits do not count (control/dkimminbits). */
  readonly smallestKeyBits?: number
  /** A signature counts though only the beginning of the body is signed (control/dkimallowl). */
  readonly partialBody?: boolean
  /** Is told of the header as well, and may want hashes of the body, so that it passes once. */
  readonly companion?: Companion
}

export interface Companion {
  /** @param fields - as of PartsReader @param hashes - those of the body; complete once the verifier's end() has been called */
  takeHeader(fields: readonly string[] | undefined, hashes: BodyHashes): void
}

/** A result, and why it is no pass. */
type Outcome = Pick<Verdict, 'result' | 'reason' | 'testing'>

interface Candidate {
  readonly reading: SignatureReading
  readonly field: string
  /** The key, asked for as soon as the header is there. */
  readonly key: Promise<KeyRecord | Outcome> | undefined
  /** In the first drafts: what is signed, header and body, as it passes. */
  readonly whole: Verify | undefined
}

/** Verifies one message. push() it, then end(). */
export class Verifier implements PartsReader {
  readonly #options: VerifyOptions
  readonly #parts = new MessageParts(this)
  readonly #hashes = new BodyHashes()
  /** Undefined for a header beyond the limit. */
  #header: { readonly stacks: FieldStacks; readonly candidates: readonly Candidate[] } | undefined

  constructor(options: VerifyOptions) {
    this.#options = options
  }

  push(bytes: Buffer): void {
    this.#parts.push(bytes)
  }

  /** The message has ended. @returns a verdict on each signature, in the order of the header; none for a message without */
  async end(): Promise<Verdict[]> {
    this.#parts.end()
    this.#hashes.end()
    const header = this.#header
    if (header === undefined) return [{ ...noWords, result: 'permerror', reason: 'the header is too long' }]
    return Promise.all(
      header.candidates.map(async (candidate) => {
        const { domain, selector, algorithm, b } = candidate.reading
        return { domain, selector, algorithm, b, ...(await this.#judge(candidate, header.stacks)) }
      }),
    )
  }

  takeHeader(fields: readonly string[] | undefined): void {
    this.#options.companion?.takeHeader(fields, this.#hashes)
    if (fields === undefined) return
    const stacks = new FieldStacks(fields)
    const signatures = fields.filter((field) => nameOf(field) === 'dkim-signature')
    this.#header = { stacks, candidates: signatures.map((field, index) => this.#candidate(field, index, stacks)) }
  }

  takeBody(bytes: Buffer): void {
    this.#hashes.push(bytes)
  }

  #candidate(field: string, index: number, stacks: FieldStacks): Candidate {
    const reading = readSignature(field, this.#options.weak)
    if (!('signature' in reading) || index >= dkimSignatures || this.#refusal(reading.signature) !== undefined) {
      return { reading, field, key: undefined, whole: undefined }
    }
    const { signature } = reading
    const key = findKey(signature, this.#options.lookUp)
    if (signature.bodyHash !== undefined) {
      this.#hashes.want(signature.bodyForm, signature.hash, signature.bodyLength)
      return { reading, field, key, whole: undefined }
    }
    const whole = createVerify(signature.hash)
    whole.update(`${canonicalFields(stacks.select(signature.names, field), signature.headerForm)}\r\n`, 'latin1')
    this.#hashes.feed(signature.bodyForm, whole)
    return { reading, field, key, whole }
  }

  /** What is wrong with a signature before its key is known. */
  #refusal({ hash, madeAt, expiresAt }: Signature): Outcome | undefined {
    const { nowSeconds, weak } = this.#options
    if (hash === 'sha1' && weak !== true) return { result: 'policy', reason: 'SHA-1 does not count any more' }
    if (expiresAt !== undefined && expiresAt <= nowSeconds) return { result: 'fail', reason: 'expired' }
    if (madeAt !== undefined && madeAt > nowSeconds + dkimSkewSeconds) return { result: 'neutral', reason: 'made in the future' }
    return undefined
  }

  async #judge(candidate: Candidate, stacks: FieldStacks): Promise<Outcome> {
    const { reading } = candidate
    if ('problem' in reading) return { result: 'permerror', reason: reading.problem }
    const refusal = this.#refusal(reading.signature)
    if (refusal !== undefined) return refusal
    if (candidate.key === undefined) return { result: 'policy', reason: 'too many signatures' }
    const found = await candidate.key
    if ('result' in found) return found
    const outcome = this.#check(reading.signature, candidate, found, stacks)
    return found.testing ? { ...outcome, testing: true } : outcome
  }

  #check(signature: Signature, { field, whole }: Candidate, record: KeyRecord, stacks: FieldStacks): Outcome {
    const { key, bits } = record
    if (key === undefined) return { result: 'permerror', reason: 'the key was taken back' }
    const unfit = this.#unfit(signature, record)
    if (unfit !== undefined) return { result: 'permerror', reason: unfit }
    if (bits !== undefined && bits > dkimLargestKeyBits) return { result: 'permerror', reason: `a key of ${bits} bits is too large` }
    const body = signature.bodyHash === undefined ? undefined : this.#hashes.get(signature.bodyForm, signature.hash, signature.bodyLength)
    if (body !== undefined && !body.isFull) return { result: 'fail', reason: 'the body is shorter than it was' }
    if (body !== undefined && !body.digest.equals(signature.bodyHash as Buffer)) return { result: 'fail', reason: 'the body was changed' }
    if (!isRight(signature, { field, whole, key, stacks })) return { result: 'fail', reason: 'the signature is wrong' }
    const { weak, smallestKeyBits = dkimSmallestKeyBits, partialBody } = this.#options
    const smallest = weak === true ? dkimSmallestWeakKeyBits : smallestKeyBits
    if (bits !== undefined && bits < smallest) return { result: 'policy', reason: `a key of ${bits} bits is too small` }
    if (body?.leavesOut === true && weak !== true && partialBody !== true)
      return { result: 'policy', reason: 'it does not cover the whole body' }
    return { result: 'pass' }
  }

  /** Why the key is not for this signature. */
  #unfit({ hash, identity, domain }: Signature, { hashes, exact, granularity }: KeyRecord): string | undefined {
    if (hashes !== undefined && !hashes.includes(hash)) return 'the key is not for this hash'
    const at = identity.lastIndexOf('@')
    if (exact && identity.slice(at + 1).toLowerCase() !== domain.toLowerCase()) return 'the key is for the domain itself only'
    if (this.#options.weak !== true || granularity === undefined) return undefined
    const [before = '', after] = granularity.split('*', 2)
    const local = identity.slice(0, at)
    const fits = after === undefined ? local === before && before !== '' : local.length >= before.length + after.length
    return fits && local.startsWith(before) && local.endsWith(after ?? '') ? undefined : 'the key is not for this identity'
  }
}

const noWords: SignatureWords = { domain: '', selector: '', algorithm: '', b: '' }

interface Signed {
  readonly field: string
  readonly whole: Verify | undefined
  readonly key: KeyObject
  readonly stacks: FieldStacks
}

function isRight({ keyType, hash, headerForm, names, signature }: Signature, { field, whole, key, stacks }: Signed): boolean {
  const own = canonicalOwn(field, headerForm)
  if (whole === undefined) {
    const data = Buffer.from(canonicalFields(stacks.select(names, field), headerForm) + own, 'latin1')
    return isSigned(data, signature, keyType, hash, key)
  }
  try {
    return whole.update(`\r\n${own}`, 'latin1').verify(key, signature)
  } catch {
    return false // a key that OpenSSL cannot use after all
  }
}

/** Fields as they are signed, one after the other. */
export function canonicalFields(fields: readonly string[], form: Form): string {
  return fields.map((field) => canonicalField(field, form)).join('')
}

/** The signature itself as it is signed: without what it says, and without its line end. */
export function canonicalOwn(field: string, form: Form): string {
  return canonicalField(`${withoutSignature(field)}\r\n`, form).slice(0, -'\r\n'.length)
}
