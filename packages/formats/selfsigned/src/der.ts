/** ASN.1 in its one exact form, DER (ITU-T X.690): as much as a certificate needs. */

/** One value: its tag, its length, its contents. */
export function der(tag: number, ...contents: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(contents)
  return Buffer.concat([Buffer.from([tag, ...lengthOf(body.length)]), body])
}

function lengthOf(length: number): number[] {
  if (length < 0x80) return [length]
  const bytes: number[] = []
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) bytes.unshift(rest % 256)
  return [0x80 | bytes.length, ...bytes]
}

export const sequence = (...contents: readonly Uint8Array[]): Buffer => der(0x30, ...contents)
export const setOf = (...contents: readonly Uint8Array[]): Buffer => der(0x31, ...contents)
export const octets = (...contents: readonly Uint8Array[]): Buffer => der(0x04, ...contents)
/** Whole bytes. */
export const bits = (bytes: Uint8Array): Buffer => der(0x03, Buffer.from([0]), bytes)
export const text = (value: string): Buffer => der(0x0c, Buffer.from(value))
/** A positive number. @param bytes - big endian, the first below 0x80 */
export const integer = (bytes: Uint8Array): Buffer => der(0x02, bytes)
/** @param value - in its encoded form, hexadecimal */
export const identifier = (value: string): Buffer => der(0x06, Buffer.from(value, 'hex'))
/** Context-specific, around other values. */
export const tagged = (number: number, ...contents: readonly Uint8Array[]): Buffer => der(0xa0 | number, ...contents)

/** A moment: two digits of the year until 2049 (RFC 5280 §4.1.2.5). */
export function moment(date: Date): Buffer {
  const digits = date.toISOString().replace(/[-:T]|\..*/g, '')
  return date.getUTCFullYear() < 2050 ? der(0x17, Buffer.from(`${digits.slice(2)}Z`)) : der(0x18, Buffer.from(`${digits}Z`))
}
