/** What a reply says, once its bytes are read: records by following aliases, and for how long it may be kept. */
import { isIP } from 'node:net'
import { decode, type Packet } from 'dns-packet'
import type { Records } from './answer.ts'
import type { Type } from './question.ts'

/** The records of one type of a name, in a reply. */
export interface Section {
  readonly records: readonly Records[Type][]
  /** The name that aliases lead to, lower-case; undefined without an alias. */
  readonly alias: string | undefined
  /** Seconds for which it may be kept; of a "no" those of the zone's SOA record (RFC 2308 §5), none without one. */
  readonly seconds: number
}

/** Aliases that are followed in one reply. */
const aliasLimit = 10

/** @throws Error for bytes that are no reply */
export function readSection(reply: Buffer, name: string, type: Type): Section {
  const { answers = [], authorities = [] } = decode(reply) as Packet
  const known = answers as unknown as readonly AnyRecord[]
  let owner = foldName(name)
  let seconds = Number.POSITIVE_INFINITY
  for (let step = 0; type !== 'CNAME' && step < aliasLimit; step += 1) {
    const alias = known.find((each) => each.type === 'CNAME' && foldName(each.name) === owner)
    if (alias === undefined) break
    owner = foldName(alias.data as string)
    seconds = Math.min(seconds, alias.ttl)
  }
  const own = known.filter((each) => each.type === type && foldName(each.name) === owner)
  const records = own.flatMap(({ data }) => shapes[type](data) ?? [])
  const soa = (authorities as unknown as readonly AnyRecord[]).find((each) => each.type === 'SOA')
  const no = soa === undefined ? 0 : Math.min(soa.ttl, (soa.data as { minimum: number }).minimum)
  return {
    records,
    alias: owner === foldName(name) ? undefined : owner,
    seconds: Math.min(seconds, ...own.map(({ ttl }) => ttl), records.length === 0 ? no : Number.POSITIVE_INFINITY),
  }
}

interface AnyRecord {
  readonly type: string
  readonly name: string
  readonly ttl: number
  readonly data: unknown
}

function foldName(name: string): string {
  return name.replace(/(?<=.)\.$/, '').toLowerCase()
}

/** The record as it is known here; undefined for what is none. */
const shapes: { readonly [T in Type]: (data: unknown) => Records[T] | undefined } = {
  A: (data) => (isIP(data as string) === 4 ? (data as string) : undefined),
  AAAA: (data) => (isIP(data as string) === 6 ? (data as string) : undefined),
  CAA: (data) => {
    const { tag, value } = data as { tag: string; value: string }
    return { tag, value }
  },
  CNAME: (data) => data as string,
  NS: (data) => data as string,
  PTR: (data) => data as string,
  SRV: (data) => {
    const { port, target } = data as { port: number; target: string }
    return { port, target }
  },
  MX: (data) => {
    const { exchange, preference } = data as { exchange: string; preference: number }
    return { exchange, priority: preference }
  },
  TLSA: (data) => {
    const { usage, selector, matchingType, certificate } = data as {
      usage: number
      selector: number
      matchingType: number
      certificate: Buffer
    }
    return { usage, selector, matching: matchingType, data: certificate }
  },
  TXT: (data) =>
    [data as Buffer | Buffer[]]
      .flat()
      .map((part) => part.toString('latin1'))
      .join(''),
}
