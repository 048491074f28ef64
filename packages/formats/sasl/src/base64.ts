/** Base64 as SASL carries it: what is not exactly that is refused, since two readings of one login are one too many. */

/**
 * @param text - of a client or server
 * @returns the bytes, as a byte string; undefined if a character is none of the alphabet, the padding is missing or elsewhere than at the
 *   end, or a bit is set behind the last byte (RFC 4648 §3.3, §3.5)
 */
export function decodeBase64(text: string): string | undefined {
  const bytes = Buffer.from(text, 'base64')
  return bytes.toString('base64') === text ? bytes.toString('latin1') : undefined
}

/** @param text - a byte string */
export function encodeBase64(text: string): string {
  return Buffer.from(text, 'latin1').toString('base64')
}
