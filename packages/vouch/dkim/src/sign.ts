/**
 * Sign a message for a domain: RSA, Ed25519 or both (RFC 6376 §5, RFC 8463).
 *
 * In      the message as the wire will have it, with CRLF line ends, in pieces of any size
 * Out     the fields to put on top of it, one for each key
 * Memory  the header, up to its limit; nothing of the body
 */
import { createHash, type KeyObject, sign as signBytes } from 'node:crypto'
import { BodyHashes } from './bodyhash.ts'
import { FieldStacks, MessageParts, type PartsReader } from './parts.ts'
import { canonicalFields, canonicalOwn } from './verify.ts'

export interface SigningKey {
  /** In A-labels. */
  readonly domain: string
  readonly selector: string
  /** RSA or Ed25519, private. */
  readonly key: KeyObject
}

export interface SignOptions {
  readonly nowSeconds: number
  /** How long the signatures are good; 0: for ever. */
  readonly lifetimeSeconds: number
  /** Which keys sign a message with this header; none leave it unsigned. */
  readonly keysFor: (fields: readonly string[]) => readonly SigningKey[] | Promise<readonly SigningKey[]>
}

/**
 * What is signed, where it is there or not: the name stands in h= once more than there are fields, so that none can be added. Left out is
 * what hosts on the way write (RFC 6376 §5.4.1).
 */
const signedNames: readonly string[] = [
  ...'from to cc subject date message-id reply-to sender in-reply-to references mime-version content-type'.split(' '),
  ...'content-transfer-encoding list-id list-unsubscribe list-unsubscribe-post'.split(' '),
  ...'resent-from resent-sender resent-to resent-cc resent-date resent-message-id'.split(' '),
]
const form = 'relaxed'
const lineBytes = 76

/** Signs one message. push() it, then end(). */
export class Signer implements PartsReader {
  readonly #options: SignOptions
  readonly #parts = new MessageParts(this)
  readonly #hashes = new BodyHashes()
  #fields: readonly string[] = []
  /** The keys that sign, as soon as the header has come; the rest need not be pushed where there are none. */
  decided: Promise<readonly SigningKey[]> | undefined

  constructor(options: SignOptions) {
    this.#options = options
  }

  push(bytes: Buffer): void {
    this.#parts.push(bytes)
  }

  takeHeader(fields: readonly string[] | undefined): void {
    this.#fields = fields ?? []
    this.decided = Promise.resolve(fields === undefined ? [] : this.#options.keysFor(fields))
    this.#hashes.want(form, 'sha256')
  }

  takeBody(bytes: Buffer): void {
    this.#hashes.push(bytes)
  }

  /** The message has ended. @returns the fields, each with its line ends; empty for a message that nobody signs */
  async end(): Promise<string> {
    this.#parts.end()
    const keys = (await this.decided) ?? []
    if (keys.length === 0) return ''
    this.#hashes.end()
    const stacks = new FieldStacks(this.#fields)
    const names = signedNames.flatMap((name) => Array<string>(stacks.count(name) + 1).fill(name))
    const what: Signed = {
      names: foldNames(names),
      header: canonicalFields(stacks.select(names), form),
      bodyHash: this.#hashes.get(form, 'sha256').digest.toString('base64'),
    }
    return (await Promise.all(keys.map((key) => this.#field(key, what)))).join('')
  }

  async #field({ domain, selector, key }: SigningKey, { names, header, bodyHash }: Signed): Promise<string> {
    const { nowSeconds, lifetimeSeconds } = this.#options
    const isRsa = key.asymmetricKeyType === 'rsa'
    const time = Math.floor(nowSeconds)
    const expiry = lifetimeSeconds === 0 ? '' : ` x=${time + lifetimeSeconds};`
    const algorithm = isRsa ? 'rsa-sha256' : 'ed25519-sha256'
    const unsigned =
      `DKIM-Signature: v=1; a=${algorithm}; c=${form}/${form}; d=${domain};\r\n s=${selector}; t=${time};${expiry}\r\n` +
      ` h=${names};\r\n bh=${bodyHash};\r\n b=`
    const data = Buffer.from(header + canonicalOwn(`${unsigned}\r\n`, form), 'latin1')
    const signature = await (isRsa ? signWith('sha256', data, key) : signWith(null, createHash('sha256').update(data).digest(), key))
    return `${unsigned}${(signature.toString('base64').match(/.{1,72}/g) ?? []).join('\r\n ')}\r\n`
  }
}

/** What all signatures of a message have in common. */
interface Signed {
  readonly names: string
  readonly header: string
  readonly bodyHash: string
}

function signWith(algorithm: string | null, data: Buffer, key: KeyObject): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    signBytes(algorithm, data, key, (error, signature) => (error === null ? resolve(signature) : reject(error)))
  })
}

/** The list of names in lines of a readable length. */
function foldNames(names: readonly string[]): string {
  let text = ''
  let line = ' h='.length
  for (const [index, name] of names.entries()) {
    const word = index === names.length - 1 ? name : `${name}:`
    if (line + word.length > lineBytes) {
      text += '\r\n  '
      line = 2
    }
    text += word
    line += word.length
  }
  return text
}
