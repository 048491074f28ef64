/** What is said to an authority is signed by the key of our account (RFC 8555 §6.2, RFC 7515). */
import { createHash, createPublicKey, type KeyObject, sign } from 'node:crypto'

/** The public half, as JSON with members in the order of their names. */
export function jwkOf(key: KeyObject): Readonly<Record<string, string>> {
  const { crv = '', kty = '', x = '', y = '' } = createPublicKey(key).export({ format: 'jwk' })
  return { crv, kty, x, y }
}

/** RFC 7638. */
export function thumbprint(key: KeyObject): string {
  return createHash('sha256')
    .update(JSON.stringify(jwkOf(key)))
    .digest('base64url')
}

/**
 * A message, signed.
 *
 * @param head - what of the protected header belongs to this message
 * @param payload - undefined: one that only asks, whose payload is empty (RFC 8555 §6.3)
 */
export function signed(key: KeyObject, head: object, payload: object | undefined): string {
  const encoded = (value: string): string => Buffer.from(value).toString('base64url')
  const protectedHead = encoded(JSON.stringify({ alg: 'ES256', ...head }))
  const body = payload === undefined ? '' : encoded(JSON.stringify(payload))
  const signature = sign('sha256', Buffer.from(`${protectedHead}.${body}`), { key, dsaEncoding: 'ieee-p1363' })
  return JSON.stringify({ protected: protectedHead, payload: body, signature: signature.toString('base64url') })
}
