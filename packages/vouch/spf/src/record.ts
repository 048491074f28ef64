/** SPF records: which hosts may send, as a domain publishes it (RFC 7208 §4.5, §5, §6, §12). */
import { type Address, networkBits } from './address.ts'
import { type DomainSpec, readDomainSpec, readMacros } from './macro.ts'

export type Qualifier = '+' | '-' | '~' | '?'

/** One mechanism, with what it says of a host that it matches. */
export interface Directive {
  readonly qualifier: Qualifier
  readonly name: 'all' | 'include' | 'a' | 'mx' | 'ptr' | 'ip4' | 'ip6' | 'exists'
  /** As it is written. */
  readonly text: string
  /** Without it, the domain itself. */
  readonly target: DomainSpec | undefined
  /** Of ip4 and ip6. */
  readonly network: string | undefined
  /** Leading bits that count, for each kind of address. */
  readonly prefix: Readonly<Record<Address['family'], number>>
}

export interface SpfRecord {
  readonly directives: readonly Directive[]
  readonly redirect: DomainSpec | undefined
  readonly explanation: DomainSpec | undefined
  /** The grammar has it. Otherwise a name of one label is in it. */
  readonly strict: boolean
}

/** Whether a TXT record is an SPF record, right or wrong. */
export function isSpfRecord(text: string): boolean {
  return /^v=spf1(?: |$)/i.test(text)
}

/**
 * Read an SPF record.
 *
 * @param text - a byte string, the parts of the TXT record joined
 * @returns the record, or what is wrong in it
 */
export function readSpfRecord(text: string): SpfRecord | { readonly problem: string } {
  if (!isSpfRecord(text)) return { problem: 'it does not begin with v=spf1' }
  const directives: Directive[] = []
  const modifiers = new Map<string, DomainSpec>()
  for (const term of text.slice('v=spf1'.length).split(' ')) {
    if (term === '') continue
    const [, modifier, value = ''] = /^([A-Za-z][A-Za-z0-9_.-]*)=(.*)$/s.exec(term) ?? []
    const name = modifier?.toLowerCase()
    if (name === 'redirect' || name === 'exp') {
      const target = readDomainSpec(value)
      if (target === undefined || modifiers.has(name)) return { problem: `wrong modifier: ${term}` }
      modifiers.set(name, target)
    } else if (name !== undefined) {
      if (readMacros(value, true) === undefined) return { problem: `wrong modifier: ${term}` }
    } else {
      const directive = readDirective(term)
      if (directive === undefined) return { problem: `wrong mechanism: ${term}` }
      directives.push(directive)
    }
  }
  const [redirect, explanation] = [modifiers.get('redirect'), modifiers.get('exp')]
  const specs = [...directives.map(({ target }) => target), redirect, explanation]
  return { directives, redirect, explanation, strict: !specs.some((spec) => spec?.single === true) }
}

const prefixes = /(?:\/(0|[1-9][0-9]?))?(?:\/\/(0|[1-9][0-9]{0,2}))?$/
const oneNetwork = /^:([^/]+)(?:\/(0|[1-9][0-9]{0,2}))?$/

function readDirective(term: string): Directive | undefined {
  const [, sign = '', word = '', rest = ''] = /^([+?~-]?)([A-Za-z][A-Za-z0-9_.-]*)(.*)$/s.exec(term) ?? []
  const name = word.toLowerCase()
  const base = {
    qualifier: (sign || '+') as Qualifier,
    text: term,
    target: undefined,
    network: undefined,
    prefix: { 'in-addr': 32, ip6: 128 },
  }
  switch (name) {
    case 'all':
      return rest === '' ? { ...base, name } : undefined
    case 'include':
    case 'exists':
    case 'ptr': {
      if (rest === '') return name === 'ptr' ? { ...base, name } : undefined
      const target = rest.startsWith(':') ? readDomainSpec(rest.slice(1)) : undefined
      return target === undefined ? undefined : { ...base, name, target }
    }
    case 'a':
    case 'mx': {
      const [lengths = '', v4 = '32', v6 = '128'] = prefixes.exec(rest) ?? []
      const prefix = { 'in-addr': Number(v4), ip6: Number(v6) }
      if (prefix['in-addr'] > 32 || prefix.ip6 > 128) return undefined
      const spec = rest.slice(0, rest.length - lengths.length)
      if (spec === '') return { ...base, name, prefix }
      const target = spec.startsWith(':') ? readDomainSpec(spec.slice(1)) : undefined
      return target === undefined ? undefined : { ...base, name, target, prefix }
    }
    case 'ip4':
    case 'ip6': {
      const family = name === 'ip4' ? 'in-addr' : 'ip6'
      const [, address = '', length] = oneNetwork.exec(rest) ?? []
      const network = networkBits(address, family)
      const bits = length === undefined ? base.prefix[family] : Number(length)
      if (network === undefined || bits > base.prefix[family]) return undefined
      return { ...base, name, network, prefix: { ...base.prefix, [family]: bits } }
    }
    default:
      return undefined
  }
}
