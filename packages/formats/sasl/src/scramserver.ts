/** The server of SCRAM (RFC 5802, RFC 7677), with channel binding to `tls-exporter` alone (RFC 9266). */
import { timingSafeEqual } from 'node:crypto'
import { encodeBase64 } from './base64.ts'
import { isName } from './name.ts'
import { saslName } from './oauth.ts'
import { bytesOf, digest, hmac, normalised, type ScramHash, type ScramVerifier, xor } from './scram.ts'
import { begin, malformed, type ServerMechanism, type ServerStep, type ServerTerms } from './step.ts'

/** The binding's flag, whom the client wants to act for, and all that its signature covers. */
const clientFirst = /^((y|n|p=([A-Za-z0-9.-]+)),(?:a=([^,]*))?,)(n=([^,]*),r=([!-+\--~]+)(?:,.*)?)$/s
const clientFinal = /^(c=([^,]*),r=([^,]*)(?:,.*)?),p=([^,]+)$/s

interface Asked {
  readonly login: string
  readonly verifier: ScramVerifier
  readonly nonce: string
  /** What the client must repeat of what it said first, in base64. */
  readonly bound: string
  /** Both first messages. */
  readonly said: string
}

export class ScramServer implements ServerMechanism {
  readonly #hash: ScramHash
  readonly #isPlus: boolean
  readonly #terms: ServerTerms
  #asked: Asked | undefined

  constructor(hash: ScramHash, isPlus: boolean, terms: ServerTerms) {
    this.#hash = hash
    this.#isPlus = isPlus
    this.#terms = terms
  }

  step(response: string | undefined): ServerStep {
    if (this.#asked !== undefined) return this.#judge(response ?? '', this.#asked)
    return response === undefined ? begin : this.#ask(response)
  }

  #ask(response: string): ServerStep {
    const [, header = '', flag = '', type, asked, bare = '', name = '', theirs] = clientFirst.exec(response) ?? []
    const [login, other] = [saslName(name), saslName(asked ?? '')].map((text) => text && normalised(text))
    if (theirs === undefined || login === undefined || !isName(login) || other === undefined) return malformed
    const { binding, verifierOf } = this.#terms
    const why = other !== '' && other !== login ? 'wants to act for somebody else' : this.#bindingTrouble(flag, type)
    if (why !== undefined) return { kind: 'wrong', login, why }
    const verifier = verifierOf(login)
    const nonce = theirs + this.#terms.nonce
    const text = `r=${nonce},s=${verifier.salt.toString('base64')},i=${verifier.iterations}`
    const bound = encodeBase64(header + (type === undefined ? '' : (binding?.toString('latin1') ?? '')))
    this.#asked = { login, verifier, nonce, bound, said: `${bare},${text}` }
    return { kind: 'challenge', text }
  }

  /** Why what the client says of the channel cannot be true (RFC 5802 §6). */
  #bindingTrouble(flag: string, type: string | undefined): string | undefined {
    const { binding } = this.#terms
    if (this.#isPlus) return type === 'tls-exporter' && binding !== undefined ? undefined : 'another channel binding than tls-exporter'
    if (type !== undefined) return 'a channel binding without -PLUS'
    return flag === 'y' && binding !== undefined ? 'it was not told of -PLUS: somebody is between us' : undefined
  }

  #judge(response: string, { login, verifier, nonce, bound, said }: Asked): ServerStep {
    const [, unsigned = '', repeated, echoed, proof = ''] = clientFinal.exec(response) ?? []
    const bytes = bytesOf(proof)
    if (repeated === undefined || bytes?.length !== verifier.storedKey.length) return malformed
    const signed = `${said},${unsigned}`
    const clientKey = xor(bytes, hmac(this.#hash, verifier.storedKey, signed))
    const isRight = timingSafeEqual(digest(this.#hash, clientKey), verifier.storedKey)
    if (repeated !== bound) return { kind: 'wrong', login, why: 'another channel than at first' }
    if (echoed !== nonce || !isRight) return { kind: 'wrong', login, why: 'wrong login or password' }
    return { kind: 'proven', login, text: `v=${hmac(this.#hash, verifier.serverKey, signed).toString('base64')}` }
  }
}
