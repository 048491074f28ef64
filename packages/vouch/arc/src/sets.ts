/**
 * The sets of a chain: each hop that seals adds three fields with its number (RFC 8617 §4.1, §4.2).
 *
 * A field of another form than the grammar's makes the whole chain fail, so nothing of it is repaired here.
 */
import { type HashName, type KeyType, nameInDns, nameOf, parseTags, type Signature, signatureOf, type TagList } from '@yabumi/dkim'
import { arcSets } from '@yabumi/limits'

/** What a seal says of the chain before it. */
export type ChainWord = 'none' | 'pass' | 'fail'

/** ARC-Seal. */
export interface Seal {
  readonly field: string
  readonly chain: ChainWord
  readonly keyType: KeyType
  readonly hash: HashName
  readonly domain: string
  readonly selector: string
  readonly signature: Buffer
}

export interface ArcSet {
  readonly seal: Seal
  /** ARC-Message-Signature. */
  readonly message: { readonly field: string; readonly signature: Signature }
  /** ARC-Authentication-Results, whole. */
  readonly results: string
}

/** The sets in order, the first one first; or why they are no chain. Empty for a message without any. */
export type Sets = readonly ArcSet[] | { readonly problem: string }

const names = ['arc-seal', 'arc-message-signature', 'arc-authentication-results'] as const
type Name = (typeof names)[number]

/** @param fields - of the header, with their line ends */
export function readSets(fields: readonly string[]): Sets {
  const found = new Map<Name, Map<number, string>>(names.map((name) => [name, new Map()]))
  for (const field of fields) {
    const numbered = found.get(nameOf(field) as Name)
    if (numbered === undefined) continue
    const number = instanceOf(field)
    if (number === undefined) return { problem: 'a field has no number of a set' }
    if (numbered.has(number)) return { problem: `two fields of one kind in set ${number}` }
    numbered.set(number, field)
  }
  const count = Math.max(...[...found.values()].map(({ size }) => size))
  const sets: ArcSet[] = []
  for (let number = 1; number <= count; number += 1) {
    const [seal, message, results] = names.map((name) => found.get(name)?.get(number))
    if (seal === undefined || message === undefined || results === undefined) return { problem: `set ${number} is not complete` }
    const set = setOf(number, seal, message, results)
    if (typeof set === 'string') return { problem: `${set} (set ${number})` }
    sets.push(set)
  }
  return sets
}

/** The number of a field's set; undefined for one that has none. */
export function instanceOf(field: string): number | undefined {
  const value = field.slice(field.indexOf(':') + 1)
  const isResults = nameOf(field) === 'arc-authentication-results'
  const text = isResults ? /^[ \t\r\n]*i[ \t\r\n]*=[ \t\r\n]*(\d{1,2})[ \t\r\n]*;/.exec(value)?.[1] : parseTags(value)?.values.get('i')
  const number = text !== undefined && /^\d{1,2}$/.test(text) ? Number(text) : 0
  return number >= 1 && number <= arcSets ? number : undefined
}

function setOf(number: number, sealField: string, field: string, results: string): ArcSet | string {
  const seal = sealOf(sealField)
  if (typeof seal === 'string') return seal
  if ((seal.chain === 'none') !== (number === 1) && seal.chain !== 'fail') return 'the seal says something else of the chain before it'
  const tags = parseTags(field.slice(field.indexOf(':') + 1)) as TagList
  const signature = signatureOf({ ...tags, values: new Map([...tags.values, ['v', '1'], ['i', `@${tags.values.get('d') ?? ''}`]]) })
  if (typeof signature === 'string') return signature
  if (signature.names.some((name) => name.toLowerCase() === 'arc-seal')) return 'the message signature covers a seal'
  return { seal, message: { field, signature }, results }
}

function sealOf(field: string): Seal | string {
  const tags = parseTags(field.slice(field.indexOf(':') + 1)) as TagList
  if (tags.values.has('h')) return 'the seal has a list of fields'
  const chain = tags.values.get('cv')
  if (chain !== 'none' && chain !== 'pass' && chain !== 'fail') return 'the seal does not say what it thinks of the chain'
  // the rest has the form of a signature, of other bytes
  const borrowed = { v: '1', h: 'from', bh: nothingHashed, i: `@${tags.values.get('d') ?? ''}`, c: 'relaxed/relaxed' }
  const read = signatureOf({ ...tags, values: new Map([...tags.values, ...Object.entries(borrowed)]) })
  if (typeof read === 'string') return read
  const { keyType, hash, domain, selector, signature } = read
  if (nameInDns(domain) === undefined) return 'the domain is none'
  return { field, chain, keyType, hash, domain, selector, signature }
}

const nothingHashed = Buffer.alloc(32).toString('base64')
