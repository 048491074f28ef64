/**
 * Netstrings, `LENGTH:BYTES,`: what QMTP and QMQP are made of (spec §5.2, §5.3).
 */

export { NetstringReader, NetstringTrouble } from './reader.ts'

/** A byte string as a netstring. */
export function netstring(text: string): string {
  return `${text.length}:${text},`
}
