/**
 * Whether an SPF record has a place for addresses of ours, and asks no more than it may (RFC 7208 §4.6.4). Macros are
 * not looked into: a term with one fits nobody.
 */
import { BlockList, isIPv4 } from 'node:net'
import type { Ask } from '@yabumi/zonefile'

/** RFC 7208 §4.6.4. */
export const spfLookups = 10

export function isSpf(text: string): boolean {
  return /^v=spf1(?: |$)/i.test(text)
}

/** One evaluation, for one address. */
export class SpfLook {
  /** Terms that asked the DNS; beyond the limit nothing is asked any more. */
  lookups = 0
  readonly #ask: Ask
  readonly #address: string

  constructor(ask: Ask, address: string) {
    this.#ask = ask
    this.#address = address
  }

  /** @returns whether the record of a domain lets the address send */
  async passes(domain: string, record: string): Promise<boolean> {
    let redirect: string | undefined
    for (const term of record.split(/ +/).slice(1)) {
      const [, modifier, value = ''] = /^(redirect|exp)=(.*)$/i.exec(term) ?? []
      if (modifier?.toLowerCase() === 'redirect') redirect = value
      if (modifier !== undefined) continue
      const [, sign = '+', mechanism = ''] = /^([-+?~]?)(.*)$/.exec(term) ?? []
      if (await this.#fits(mechanism, domain)) return sign === '+' || sign === ''
      if (this.lookups > spfLookups) return false
    }
    return redirect === undefined ? false : this.#include(redirect)
  }

  async #fits(mechanism: string, domain: string): Promise<boolean> {
    const [, name = '', given, prefixes = ''] = /^([a-z0-9]+)(?::([^/]*(?:\/(?![0-9/])[^/]*)*))?((?:\/+[0-9]+)*)$/i.exec(mechanism) ?? []
    const target = given ?? domain
    if (target.includes('%')) return false
    switch (name.toLowerCase()) {
      case 'all':
        return true
      case 'ip4':
        return this.#isIn(target, prefixes)
      case 'ip6':
        return this.#isIn(mechanism.slice('ip6:'.length).split('/', 1)[0] ?? '', /\/[0-9]+$/.exec(mechanism)?.[0] ?? '')
      case 'a':
        this.lookups += 1
        return this.#isHost(target, prefixes)
      case 'mx':
        this.lookups += 1
        return this.#isExchange(target, prefixes)
      case 'include':
        return this.#include(target)
      case 'exists':
      case 'ptr':
        this.lookups += 1
        return false
      default:
        return false
    }
  }

  async #include(domain: string): Promise<boolean> {
    this.lookups += 1
    if (this.lookups > spfLookups) return false
    const answer = await this.#ask(domain, 'TXT')
    const record = answer.kind === 'found' ? answer.records.find(isSpf) : undefined
    return record === undefined ? false : this.passes(domain, record)
  }

  async #isHost(host: string, prefixes: string): Promise<boolean> {
    const answer = await this.#ask(host, isIPv4(this.#address) ? 'A' : 'AAAA')
    return answer.kind === 'found' && answer.records.some((address) => this.#isIn(address, prefixOf(prefixes, isIPv4(this.#address))))
  }

  async #isExchange(domain: string, prefixes: string): Promise<boolean> {
    const answer = await this.#ask(domain, 'MX')
    if (answer.kind !== 'found') return false
    for (const { exchange } of answer.records) if (await this.#isHost(exchange, prefixes)) return true
    return false
  }

  #isIn(network: string, prefix: string): boolean {
    const family = isIPv4(this.#address) ? 'ipv4' : 'ipv6'
    const bits = prefix === '' ? (family === 'ipv4' ? 32 : 128) : Number(prefix.replaceAll('/', ''))
    try {
      const list = new BlockList()
      list.addSubnet(network, bits, family)
      return list.check(this.#address, family)
    } catch {
      return false // of the other family, or no network
    }
  }
}

/** `/24//64`: the first is of IPv4, the second of IPv6. */
function prefixOf(prefixes: string, isV4: boolean): string {
  return (isV4 ? /^\/[0-9]+/ : /\/\/[0-9]+$/).exec(prefixes)?.[0] ?? ''
}
