/** The addresses to try for a route, or why there is none (spec §2.8.3). */
import { isIPv4, isIPv6 } from 'node:net'
import { lowerCase } from '@yabumi/address'
import { type Exchange, type Exchanges, findAddresses, findExchanges, hostsAddresses } from '@yabumi/dns'
import { isMyself } from './myself.ts'
import type { Route } from './route.ts'
import { dnsTrouble, foreignDomain, noAddress, noHost, noMail, noRelay, ourselves } from './texts.ts'

/** One address of a mail host. */
export interface Target {
  readonly address: string
  /** The host's name, lower-case: of the MX record, or of the relay. An address that stands for a host is its own. */
  readonly host: string
  /** The name that its aliases lead to. */
  readonly alias?: string
  /** DNSSEC has verified the address. */
  readonly secure?: true
}

/** Whom to try, in order, and never nobody; or the report that ends the delivery. */
export type Addresses =
  | {
      readonly targets: readonly Target[]
      /** DNSSEC has verified that these are the hosts for the domain; or our own settings say so. */
      readonly secure: boolean
    }
  | { readonly report: string }

/** @param usesIpv6 - false: a domain that has IPv4 addresses is spoken to over IPv4 alone */
export async function findMailAddresses(route: Route, usesIpv6: boolean): Promise<Addresses> {
  const found = await findAll(route)
  if (usesIpv6 || 'report' in found) return found
  const targets = found.targets.filter(({ address }) => isIPv4(address))
  return targets.length === 0 ? found : { ...found, targets }
}

async function findAll(route: Route): Promise<Addresses> {
  const literal = addressLiteral(route.host)
  if (route.relay) return relayAddresses(route.host, literal)
  if (/[\x80-\xff]/.test(route.host)) return { report: foreignDomain(route.host) }
  const found = literal === undefined ? await findExchanges(route.host) : direct(literal)
  if (found.kind !== 'found') return { report: refusals[found.kind](route.host) }
  if (found.exchanges.length === 0) return { report: noAddress }
  const usable = withoutMyself(found.exchanges, route.port)
  return usable.length === 0 ? { report: ourselves } : { targets: usable, secure: found.secure === true }
}

const refusals = { trouble: () => dnsTrouble, nohost: noHost, nomail: noMail } as const

/** Of a relay. That there is none is the fault of our own settings, and no reason to bounce mail. */
async function relayAddresses(host: string, literal: string | undefined): Promise<Addresses> {
  if (literal !== undefined) return { targets: [{ address: literal, host: literal }], secure: true }
  const named = hostsAddresses(host)
  if (named.length > 0) return { targets: named.map((address) => ({ address, host: lowerCase(host) })), secure: true }
  const found = await findAddresses(host)
  if (found.kind === 'trouble') return { report: dnsTrouble }
  if (found.kind !== 'found' || found.exchanges.length === 0) return { report: noRelay(host) }
  return { targets: found.exchanges, secure: true }
}

function direct(address: string): Exchanges {
  return { kind: 'found', exchanges: [{ address, preference: 0, host: address }] }
}

/** An address in place of a name: `1.2.3.4`, `[1.2.3.4]`, `[::1]`, `[IPv6:::1]` (RFC 5321 §4.1.3). */
function addressLiteral(host: string): string | undefined {
  if (isIPv4(host)) return host
  const inside = /^\[(?:IPv6:)?(.*)\]$/i.exec(host)?.[1] ?? ''
  return isIPv4(inside) || isIPv6(inside) ? inside : undefined
}

/** Only what is preferred to ourselves: mail must come nearer to its end with each step, or it would go round. */
function withoutMyself(exchanges: readonly Exchange[], port: number): readonly Exchange[] {
  const mine = exchanges.filter(({ address }) => isMyself(address, port))
  if (mine.length === 0) return exchanges
  const limit = Math.min(...mine.map(({ preference }) => preference))
  return exchanges.filter(({ preference }) => preference < limit)
}
