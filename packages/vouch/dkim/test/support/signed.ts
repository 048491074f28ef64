/** Messages signed by our own signer, and what our verifier says of them. */
import { createPrivateKey, createPublicKey, generateKeyPairSync, generatePrimeSync, type KeyObject } from 'node:crypto'
import { keyRecordOf, Signer, type SigningKey, type Verdict, Verifier, type VerifyOptions } from '../../src/index.ts'

export const now = 1_796_000_000

export interface Pair {
  readonly signing: SigningKey
  readonly record: string
}

/** @param kind - `ed25519`, or the bits of an RSA key */
export function makePair(kind: number | 'ed25519', selector = 's'): Pair {
  const key = kind === 'ed25519' ? generateKeyPairSync('ed25519').privateKey : makeRsaKey(kind)
  return { signing: { domain: 'example.org', selector, key }, record: keyRecordOf(createPublicKey(key)) }
}

/** By hand below 512 bits, where OpenSSL makes none. */
function makeRsaKey(bits: number): KeyObject {
  if (bits >= 512) return generateKeyPairSync('rsa', { modulusLength: bits }).privateKey
  const [p, q] = [generatePrimeSync(bits / 2, { bigint: true }), generatePrimeSync(bits / 2, { bigint: true })]
  const e = 65_537n
  const d = inverse(e, (p - 1n) * (q - 1n))
  const numbers = { n: p * q, e, d, p, q, dp: d % (p - 1n), dq: d % (q - 1n), qi: inverse(q, p) }
  const written = Object.entries(numbers).map(([name, number]) => [name, Buffer.from(evenHex(number), 'hex').toString('base64url')])
  return createPrivateKey({ key: { kty: 'RSA', ...Object.fromEntries(written) }, format: 'jwk' })
}

function evenHex(number: bigint): string {
  const digits = number.toString(16)
  return digits.length % 2 === 0 ? digits : `0${digits}`
}

function inverse(number: bigint, modulus: bigint): bigint {
  let [a, b, x, y] = [modulus, number % modulus, 0n, 1n]
  while (b > 0n) [a, b, x, y] = [b, a % b, y, x - (a / b) * y]
  return ((x % modulus) + modulus) % modulus
}

/** The message with signatures on top of it. */
export async function signed(message: Buffer, pairs: readonly Pair[], nowSeconds = now, lifetimeSeconds = 604_800): Promise<Buffer> {
  const signer = new Signer({ nowSeconds, lifetimeSeconds, keysFor: () => pairs.map(({ signing }) => signing) })
  signer.push(message)
  return Buffer.concat([Buffer.from(await signer.end(), 'latin1'), message])
}

/** What the verifier says, and which names it asked for. */
export async function verified(
  message: Buffer,
  pairs: readonly Pair[],
  options: Partial<VerifyOptions> = {},
): Promise<{ verdicts: Verdict[]; asked: string[] }> {
  const asked: string[] = []
  const verifier = new Verifier({
    nowSeconds: now,
    lookUp: async (name) => {
      asked.push(name)
      const found = pairs.find(({ signing }) => name === `${signing.selector}._domainkey.${signing.domain}`)
      return found === undefined ? { kind: 'nxdomain' } : { kind: 'found', records: [found.record] }
    },
    ...options,
  })
  verifier.push(message)
  return { verdicts: await verifier.end(), asked }
}
