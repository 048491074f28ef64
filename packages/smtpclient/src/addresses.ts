/** The addresses to try for a route, or why there is none (spec §2.8.3). */
import { isIPv4, isIPv6 } from 'node:net'
import { type Exchange, type Exchanges, findAddresses, findExchanges } from '@yabumi/dns'
import { isMyself } from './myself.ts'
import type { Route } from './route.ts'
import { dnsTrouble, noAddress, noHost, noMail, ourselves } from './texts.ts'

/** Addresses in the order to try them, never empty; or the report that ends the delivery. */
export type Addresses = { readonly addresses: readonly string[] } | { readonly report: string }

export async function findMailAddresses(route: Route): Promise<Addresses> {
  const literal = addressLiteral(route.host)
  const found = literal === undefined ? await lookUp(route) : direct(literal)
  if (found.kind !== 'found') return { report: refusals[found.kind](route.host) }
  if (found.exchanges.length === 0) return { report: noAddress }
  const usable = route.relay ? found.exchanges : withoutMyself(found.exchanges)
  return usable.length === 0 ? { report: ourselves } : { addresses: usable.map(({ address }) => address) }
}

const refusals = { trouble: () => dnsTrouble, nohost: noHost, nomail: noMail } as const

function lookUp(route: Route): Promise<Exchanges> {
  return route.relay ? findAddresses(route.host) : findExchanges(route.host)
}

function direct(address: string): Exchanges {
  return { kind: 'found', exchanges: [{ address, preference: 0 }] }
}

/** An address in place of a name: `1.2.3.4`, `[1.2.3.4]`, `[::1]`, `[IPv6:::1]` (RFC 5321 §4.1.3). */
function addressLiteral(host: string): string | undefined {
  if (isIPv4(host)) return host
  const inside = /^\[(?:IPv6:)?(.*)\]$/i.exec(host)?.[1] ?? ''
  return isIPv4(inside) || isIPv6(inside) ? inside : undefined
}

/** Only what is preferred to ourselves: mail must come nearer to its end with each step, or it would go round. */
function withoutMyself(exchanges: readonly Exchange[]): readonly Exchange[] {
  const mine = exchanges.filter(({ address }) => isMyself(address))
  if (mine.length === 0) return exchanges
  const limit = Math.min(...mine.map(({ preference }) => preference))
  return exchanges.filter(({ preference }) => preference < limit)
}
