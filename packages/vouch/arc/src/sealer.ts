/**
 * Seal a message that goes on: what it was worth here, and that the chain before held or not (RFC 8617 §5.1).
 *
 * In      the message as the wire will have it, with CRLF line ends, in pieces of any size
 * Out     the three fields to put on top of it
 * Memory  the header, up to its limit; nothing of the body
 */
import { createHash, type KeyObject, sign as signBytes } from 'node:crypto'
import { type AuthResults, readAuthResults, speaksFor } from '@yabumi/authres'
import { BodyHashes, canonicalFields, canonicalOwn, FieldStacks, MessageParts, nameOf, type PartsReader } from '@yabumi/dkim'
import { arcSets } from '@yabumi/limits'
import { sealedText } from './chain.ts'
import { type ChainWord, instanceOf, readSets } from './sets.ts'

export interface SealOptions {
  /** In A-labels. */
  readonly domain: string
  readonly selector: string
  /** RSA or Ed25519, private. */
  readonly key: KeyObject
  readonly nowSeconds: number
  /** Whose Authentication-Results are sealed: ours. */
  readonly id: string
  /** What came of the chain when the message came in; it counts where there is one. `as said`: by our own field. */
  readonly chain: ChainWord | 'as said'
  /** Whether a message is sealed at all, by its header. */
  readonly wants?: (fields: readonly string[]) => boolean
  /** The fields that the message signature covers, as they are there; those of signatures by default. */
  readonly names?: readonly string[]
}

const usualNames =
  'from to cc subject date message-id reply-to in-reply-to references mime-version content-type list-id dkim-signature'.split(' ')
const form = 'relaxed'

export class Sealer implements PartsReader {
  readonly #options: SealOptions
  readonly #parts = new MessageParts(this)
  readonly #hashes = new BodyHashes()
  #fields: readonly string[] | undefined
  #isIdle = false

  constructor(options: SealOptions) {
    this.#options = options
    this.#hashes.want(form, 'sha256')
  }

  push(bytes: Buffer): void {
    this.#parts.push(bytes)
  }

  /** The header has come, and nothing will be sealed: the body need not come. */
  get isIdle(): boolean {
    return this.#isIdle
  }

  takeHeader(fields: readonly string[] | undefined): void {
    this.#isIdle = fields === undefined || this.#options.wants?.(fields) === false
    this.#fields = this.#isIdle ? undefined : fields
  }

  takeBody(bytes: Buffer): void {
    if (!this.#isIdle) this.#hashes.push(bytes)
  }

  /** The message has ended. @returns the fields, each with its line ends; empty where nobody may seal any more: after a seal that says fail, or too many */
  async end(): Promise<string> {
    this.#parts.end()
    this.#hashes.end()
    const fields = this.#fields
    if (fields === undefined) return ''
    const sets = readSets(fields)
    const numbers = fields.filter((field) => nameOf(field).startsWith('arc-')).map((field) => instanceOf(field) ?? 0)
    const number = Math.max(0, ...numbers) + 1
    const isClosed = !('problem' in sets) && sets.some(({ seal }) => seal.chain === 'fail')
    if (number > arcSets || isClosed) return ''
    const said = this.#options.chain === 'as said' ? this.#chainSaid(fields) : this.#options.chain
    const chain = number === 1 ? 'none' : 'problem' in sets || said === 'none' ? 'fail' : said
    const results = `ARC-Authentication-Results: i=${number}; ${this.#results(fields)}\r\n`
    const message = { field: await this.#messageSignature(number, fields) }
    const before = chain === 'pass' && !('problem' in sets) ? sets : []
    const seal = await this.#seal(number, chain, [...before, { results, message, seal: { field: '' } }])
    return seal + message.field + results
  }

  #ours(fields: readonly string[]): AuthResults[] {
    const { id } = this.#options
    return fields
      .filter((field) => nameOf(field) === 'authentication-results' && speaksFor(id, field.slice(field.indexOf(':') + 1)))
      .map((field) => readAuthResults(field.slice(field.indexOf(':') + 1)))
  }

  #chainSaid(fields: readonly string[]): ChainWord {
    const said = this.#ours(fields).flatMap(({ results }) => results.filter(({ method }) => method === 'arc'))
    return said.length === 1 && said[0]?.result === 'pass' ? 'pass' : 'fail'
  }

  /** What our own fields say, as one. */
  #results(fields: readonly string[]): string {
    const { id } = this.#options
    const ours = this.#ours(fields).filter(({ text }) => text !== '')
    const texts = ours.map(({ text }) => text.replace(/\r\n/g, '').replace(/^;[ \t]*/, ''))
    return [id, ...(texts.length === 0 ? ['none'] : texts.map(trimEnd))].join(';\r\n ')
  }

  async #messageSignature(number: number, fields: readonly string[]): Promise<string> {
    const { domain, selector, names = usualNames, nowSeconds } = this.#options
    const stacks = new FieldStacks(fields)
    const signed = names.flatMap((name) => Array<string>(this.#options.names === undefined ? stacks.count(name) : 1).fill(name))
    const bodyHash = this.#hashes.get(form, 'sha256').digest.toString('base64')
    const tags = [
      `bh=${bodyHash}`,
      `c=${form}/${form}`,
      `d=${domain}`,
      `h=${signed.join(':')}`,
      ...this.#common(number, selector, nowSeconds),
    ]
    return this.#signed('ARC-Message-Signature', tags, (field) => canonicalFields(stacks.select(signed), form) + canonicalOwn(field, form))
  }

  #seal(number: number, chain: ChainWord, sets: Parameters<typeof sealedText>[0]): Promise<string> {
    const { domain, selector, nowSeconds } = this.#options
    const tags = [`cv=${chain}`, `d=${domain}`, ...this.#common(number, selector, nowSeconds)]
    return this.#signed('ARC-Seal', tags, (field) => {
      const newest = sets.at(-1) as Parameters<typeof sealedText>[0][number]
      return sealedText([...sets.slice(0, -1), { ...newest, seal: { field } }])
    })
  }

  #common(number: number, selector: string, nowSeconds: number): string[] {
    return [`i=${number}`, `s=${selector}`, `t=${Math.floor(nowSeconds)}`]
  }

  /** @param data - what is signed, from the field itself without its signature */
  async #signed(name: string, tags: readonly string[], data: (field: string) => string): Promise<string> {
    const isRsa = this.#options.key.asymmetricKeyType === 'rsa'
    const fieldWith = (b: string): string => `${name}: a=${isRsa ? 'rsa' : 'ed25519'}-sha256;\r\n b=${b};\r\n ${tags.join(';\r\n ')}\r\n`
    const unsigned = fieldWith('')
    const bytes = Buffer.from(data(unsigned), 'latin1')
    const signature = await (isRsa
      ? sign('sha256', bytes, this.#options.key)
      : sign(null, createHash('sha256').update(bytes).digest(), this.#options.key))
    return fieldWith(signature.toString('base64'))
  }
}

function sign(algorithm: string | null, data: Buffer, key: KeyObject): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    signBytes(algorithm, data, key, (error, signature) => (error === null ? resolve(signature) : reject(error)))
  })
}

/** A loop, because a regular expression for the end takes quadratic time on blanks. */
function trimEnd(text: string): string {
  let end = text.length
  while (end > 0 && ' \t;'.includes(text[end - 1] as string)) end -= 1
  return text.slice(0, end)
}
