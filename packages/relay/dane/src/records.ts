/** TLSA records: which of them count, and how they are written. */
import { createPublicKey, type KeyObject, X509Certificate } from 'node:crypto'

/** One record (RFC 6698 §2.1). */
export interface Tlsa {
  /** 2: the data is a trust anchor's; 3: the host's own. 0 and 1 do not count for SMTP. */
  readonly usage: number
  /** 0: of the certificate; 1: of its public key. */
  readonly selector: number
  /** 0: the whole; 1: SHA-256; 2: SHA-512. */
  readonly matching: number
  readonly data: Buffer
}

const digestBytes: Readonly<Record<number, number>> = { 1: 32, 2: 64 }

/** `3 1 1`, as operators speak of them. */
export function tlsaText({ usage, selector, matching }: Tlsa): string {
  return `${usage} ${selector} ${matching}`
}

/**
 * The records that SMTP can use: usages 2 and 3 (RFC 7672 §3.1.3), with a selector and a matching type that are known, and data that fits them.
 * Where there are records and none of these, TLS is demanded, and nothing is verified.
 */
export function usable(records: readonly Tlsa[]): readonly Tlsa[] {
  return records.filter(({ usage, selector, matching, data }) => {
    if ((usage !== 2 && usage !== 3) || (selector !== 0 && selector !== 1)) return false
    if (matching !== 0) return data.length === digestBytes[matching]
    return (selector === 0 ? certificateOf(data) : keyOf(data)) !== undefined
  })
}

/** Of the digests for one usage and selector, those of the strongest kind; whole data always (RFC 7671 §9). */
export function strongest(records: readonly Tlsa[]): readonly Tlsa[] {
  return records.filter(
    ({ usage, selector, matching }) =>
      matching !== 1 || !records.some((other) => other.usage === usage && other.selector === selector && other.matching === 2),
  )
}

/** The certificate with these bytes, if they are one. */
export function certificateOf(der: Buffer): X509Certificate | undefined {
  try {
    return new X509Certificate(der)
  } catch {
    return undefined
  }
}

/** The public key with these bytes, if they are one. */
export function keyOf(spki: Buffer): KeyObject | undefined {
  try {
    return createPublicKey({ key: spki, format: 'der', type: 'spki' })
  } catch {
    return undefined
  }
}
