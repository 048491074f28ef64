/**
 * A part of the DNS, written down: what programs answer from where they are given one in place of the servers.
 *
 * JSON, by name without a final dot, in any case: a list of records, `{"type": "TXT", "data": ["one ", "string"]}`. A
 * name that is not there does not exist. Types:
 *
 * - TXT (its parts), A, AAAA, PTR, CNAME (a string)
 * - MX (`{"preference": 10, "exchange": "mx.example.org"}`)
 * - SRV (`{"port": 465, "target": "mail.example.org"}`), CAA (`{"tag": "issue", "value": "letsencrypt.org"}`)
 * - `{"type": "TXT", "fail": "timeout"}`, also `"servfail"`, and `"ANY"` for a name that has no answer to any question
 */
import type { Answer, Records } from '@yabumi/dns'

interface Entry {
  readonly type: string
  readonly data?: unknown
  readonly fail?: string
  readonly secure?: boolean
}

/** As ask() of package dns. */
export type Ask = <T extends keyof Records>(name: string, type: T) => Promise<Answer<Records[T]>>

/** CNAMEs followed, one after the other. */
const aliasLimit = 10

/**
 * The answers that a zone gives.
 *
 * @param zone - JSON, parsed
 * @throws Error if it is no object of lists
 */
export function answersOf(zone: unknown): Ask {
  if (typeof zone !== 'object' || zone === null || Array.isArray(zone)) throw new Error('a zone is an object of names')
  const names = new Map<string, readonly Entry[]>()
  for (const [name, entries] of Object.entries(zone)) {
    if (!Array.isArray(entries)) throw new Error(`the records of ${name} are no list`)
    names.set(plain(name), entries as readonly Entry[])
  }
  return async (name, type) => answer(names, name, type)
}

function answer<T extends keyof Records>(names: ReadonlyMap<string, readonly Entry[]>, asked: string, type: T): Answer<Records[T]> {
  let name = plain(asked)
  for (let step = 0; step < aliasLimit; step += 1) {
    const entries = names.get(name)
    if (entries === undefined) return { kind: 'nxdomain' }
    const failure = entries.find((entry) => entry.fail !== undefined && (entry.type === type || entry.type === 'ANY'))
    if (failure !== undefined) return { kind: 'trouble', reason: failure.fail as string }
    const own = entries.filter((entry) => entry.type === type)
    const records = own.map((entry) => recordOf(type, entry.data))
    if (records.length > 0) return { kind: 'found', records, ...(own.every(({ secure }) => secure) ? { secure: true } : {}) }
    const alias = entries.find((entry) => entry.type === 'CNAME')
    if (alias === undefined) return { kind: 'nodata' }
    name = plain(alias.data as string)
  }
  return { kind: 'trouble', reason: 'too many aliases' }
}

function recordOf<T extends keyof Records>(type: T, data: unknown): Records[T] {
  if (type === 'MX') {
    const { preference, exchange } = data as { preference: number; exchange: string }
    return { priority: preference, exchange } as Records[T]
  }
  if (type === 'TLSA') {
    const record = data as Omit<Records['TLSA'], 'data'> & { readonly data: string }
    return { ...record, data: Buffer.from(record.data, 'hex') } as Records[T]
  }
  return (type === 'TXT' ? [data].flat().join('') : data) as Records[T]
}

function plain(name: string): string {
  return name.toLowerCase().replace(/\.$/, '')
}
