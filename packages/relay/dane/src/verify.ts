/**
 * The verdict on a chain: by its first certificate (usage 3), or by a trust anchor that it leads to (usage 2).
 *
 * Node verifies chains in a handshake only, and with anchors that are known before it. So the path to an anchor is
 * found here.
 *
 * Bound   a path of eight, sixteen certificates of the host, and a number of steps: a host may send any certificates it
 *         likes
 */
import { createHash, type KeyObject, type X509Certificate } from 'node:crypto'
import { danePathCertificates, danePathSteps, danePresentedCertificates } from '@yabumi/limits'
import { pathLengthOf } from './pathlength.ts'
import { certificateOf, keyOf, strongest, type Tlsa, usable } from './records.ts'

/** What a host has shown, and what is expected of it. */
export interface Presented {
  /** The host's own certificate first; the others in any order. */
  readonly chain: readonly X509Certificate[]
  /** Names of which the certificate must have one, where names count. */
  readonly names: readonly string[]
  /** Names count for usage 3, too: not by RFC 7672 §3.1.1, but where the operator demands a name. */
  readonly endEntityNames?: boolean
  readonly now: Date
}

/**
 * - matched: by this record, with so many certificates between the host's own and the anchor
 * - name: a record fits, but the certificate is for other names
 * - time: a record fits, but a certificate is not valid yet, or any more
 * - none: no record fits
 */
export type DaneVerdict =
  | { readonly kind: 'matched'; readonly record: Tlsa; readonly depth: number }
  | { readonly kind: 'name' | 'time' | 'none' }

/** The verdict by these records. Those that do not count are passed over. Never throws. */
export function verifyDane(records: readonly Tlsa[], presented: Presented): DaneVerdict {
  const counting = strongest(usable(records))
  const [leaf] = presented.chain
  if (leaf === undefined) return { kind: 'none' }
  const own = counting.find((record) => record.usage === 3 && fits(record, leaf))
  if (own !== undefined) {
    const named = presented.endEntityNames !== true || hasName(leaf, presented.names)
    return named ? { kind: 'matched', record: own, depth: 0 } : { kind: 'name' }
  }
  const anchors = counting.filter(({ usage }) => usage === 2)
  return anchors.length === 0 ? { kind: 'none' } : new Search(anchors, presented).from(leaf)
}

function fits({ selector, matching, data }: Tlsa, certificate: X509Certificate): boolean {
  const selected = selector === 0 ? certificate.raw : certificate.publicKey.export({ type: 'spki', format: 'der' })
  return data.equals(
    matching === 0
      ? selected
      : createHash(matching === 1 ? 'sha256' : 'sha512')
          .update(selected)
          .digest(),
  )
}

function hasName(certificate: X509Certificate, names: readonly string[]): boolean {
  return names.some((name) => name !== '' && certificate.checkHost(name, { partialWildcards: false }) !== undefined)
}

const serverUse = '1.3.6.1.5.5.7.3.1'

/** A way from the host's own certificate to one of the anchors. */
class Search {
  readonly #anchors: readonly Tlsa[]
  readonly #presented: Presented
  readonly #others: readonly X509Certificate[]
  #steps = danePathSteps
  #fault: 'name' | 'time' | 'none' = 'none'

  constructor(anchors: readonly Tlsa[], presented: Presented) {
    this.#anchors = anchors
    this.#presented = presented
    this.#others = presented.chain.slice(1, danePresentedCertificates)
  }

  from(leaf: X509Certificate): DaneVerdict {
    const uses = leaf.keyUsage as readonly string[] | undefined // Node means the extended ones
    if (uses !== undefined && !uses.includes(serverUse)) return { kind: 'none' }
    return this.#goOn([leaf]) ?? { kind: this.#fault }
  }

  /** @param path - each signed by the next; the last one is not known to be an anchor */
  #goOn(path: readonly X509Certificate[]): DaneVerdict | undefined {
    for (const issuer of path.length === danePathCertificates ? [] : this.#others) {
      if (path.includes(issuer) || !this.#isIssuedBy(path, issuer)) continue
      const longer = [...path, issuer]
      const record = this.#anchors.find((anchor) => fits(anchor, issuer))
      const found = (record === undefined ? undefined : this.#conclude(longer, record)) ?? this.#goOn(longer)
      if (found !== undefined) return found
    }
    for (const record of this.#anchors.filter(({ matching }) => matching === 0)) {
      const verdict = this.#endOutside(path, record)
      if (verdict !== undefined) return verdict
    }
    return undefined
  }

  /** The anchor need not be presented where the record holds all of it (RFC 7671 §5.2.2). */
  #endOutside(path: readonly X509Certificate[], record: Tlsa): DaneVerdict | undefined {
    if (record.selector === 1)
      return this.#isSignedBy(path.at(-1) as X509Certificate, keyOf(record.data)) ? this.#conclude(path, record) : undefined
    const issuer = certificateOf(record.data)
    return issuer !== undefined && this.#isIssuedBy(path, issuer) ? this.#conclude([...path, issuer], record) : undefined
  }

  /** The path ends at an anchor. What is left are its dates and names. */
  #conclude(path: readonly X509Certificate[], record: Tlsa): DaneVerdict | undefined {
    const { names, now } = this.#presented
    const timely = path.every(({ validFrom, validTo }) => new Date(validFrom) <= now && now <= new Date(validTo))
    if (timely && hasName(path[0] as X509Certificate, names)) return { kind: 'matched', record, depth: path.length - 1 }
    this.#fault = timely ? 'name' : 'time'
    return undefined
  }

  #isIssuedBy(path: readonly X509Certificate[], issuer: X509Certificate): boolean {
    const last = path.at(-1) as X509Certificate
    if (!issuer.ca || !last.checkIssued(issuer)) return false
    const between = path.slice(1).filter(({ subject, issuer }) => subject !== issuer).length // RFC 5280 §4.2.1.9
    return between <= (pathLengthOf(issuer.raw) ?? between) && this.#isSignedBy(last, issuer.publicKey)
  }

  #isSignedBy(certificate: X509Certificate, key: KeyObject | undefined): boolean {
    this.#steps -= 1
    if (key === undefined || this.#steps < 0) return false
    try {
      return certificate.verify(key)
    } catch {
      return false // the key is of another kind than the signature
    }
  }
}
