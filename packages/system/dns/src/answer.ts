/** What a question to the DNS comes to. */

/** Of what is not trouble. */
interface Origin {
  /** A trusted server has verified it by DNSSEC, every alias included. */
  readonly secure?: true
  /** The name that aliases lead to, lower-case. */
  readonly alias?: string
}

/** What a look-up came to: records; a name or a type of record that does not exist; or no usable answer for now. */
export type Answer<T> =
  | ({ readonly kind: 'found'; readonly records: readonly T[] } & Origin)
  | ({ readonly kind: 'nxdomain' } & Origin)
  | ({ readonly kind: 'nodata' } & Origin)
  | { readonly kind: 'trouble'; readonly reason: string }

/** Record types asked for here, with the shape of one record. */
export interface Records {
  readonly MX: { readonly exchange: string; readonly priority: number }
  readonly A: string
  readonly AAAA: string
  /** RFC 8659 §4.1. */
  readonly CAA: { readonly tag: string; readonly value: string }
  readonly CNAME: string
  readonly NS: string
  readonly PTR: string
  /** RFC 2782. */
  readonly SRV: { readonly port: number; readonly target: string }
  /** RFC 6698 §2.1. */
  readonly TLSA: { readonly usage: number; readonly selector: number; readonly matching: number; readonly data: Buffer }
  /** Its parts joined, a byte string. */
  readonly TXT: string
}
