/**
 * How many certificates may stand between one of an authority and that of a host, which Node does not say (RFC 5280
 * §4.2.1.9).
 */

const basicConstraints = Buffer.from('0603551d13', 'hex') // the object identifier 2.5.29.19
const tags = { boolean: 1, integer: 2, octets: 4, sequence: 0x30 } as const

/**
 * @param der - a certificate that is known to be one of an authority
 * @returns undefined if it sets no limit; 0 also where it cannot be read
 */
export function pathLengthOf(der: Buffer): number | undefined {
  const at = der.indexOf(basicConstraints)
  if (at < 0) return undefined
  try {
    const extension = new Elements(der.subarray(at + basicConstraints.length))
    extension.skip(tags.boolean)
    const constraints = new Elements(new Elements(extension.take(tags.octets)).take(tags.sequence))
    constraints.skip(tags.boolean)
    if (constraints.empty) return undefined
    return constraints.take(tags.integer).reduce((number, byte) => number * 256 + byte, 0)
  } catch {
    return 0
  }
}

/** Elements of DER, one after the other. These are short, so their lengths have one byte. */
class Elements {
  #rest: Buffer

  constructor(bytes: Buffer) {
    this.#rest = bytes
  }

  get empty(): boolean {
    return this.#rest.length === 0
  }

  skip(tag: number): void {
    if (this.#rest[0] === tag) this.take(tag)
  }

  take(tag: number): Buffer {
    const [found, length = 0x80] = this.#rest
    if (found !== tag || length > 0x7f || this.#rest.length < 2 + length) throw new Error('another element is due')
    const value = this.#rest.subarray(2, 2 + length)
    this.#rest = this.#rest.subarray(2 + length)
    return value
  }
}
