/**
 * From which of our own addresses mail goes out: control/bindroutes for some hosts, control/outgoingip for all others;
 * without them the system's choice.
 */
import { isIPv4, isIPv6 } from 'node:net'
import { ConstMap, findByHost } from '@yabumi/control'
import { Trouble } from '@yabumi/trouble'

/** Our address for connections to IPv4 hosts, and the one to IPv6 hosts; undefined: the system's choice. */
export interface Binding {
  readonly ipv4?: string
  readonly ipv6?: string
}

/** What control/ says about it. */
export interface Bindings {
  /** The text of a binding for a host, by the rules of control/smtproutes. */
  readonly routes: ConstMap
  readonly otherwise: Binding
}

export const unbound: Binding = {}

/**
 * @param routes - lines `HOST:ADDRESS`
 * @param otherwise - the line of control/outgoingip
 * @throws Trouble 4.3.0 for what is no address: mail must not go out from another one than was meant
 */
export function readBindings(routes: readonly string[], otherwise: string): Bindings {
  for (const line of routes) parseBinding(line.slice(line.indexOf(':') + 1))
  return { routes: ConstMap.ofColonLines(routes), otherwise: parseBinding(otherwise) }
}

/** The binding for mail to a host. */
export function bindingOf(host: string, { routes, otherwise }: Bindings): Binding {
  const text = routes.size === 0 ? undefined : findByHost(host, routes)
  return text === undefined ? otherwise : parseBinding(text)
}

/** Our address for a connection to this one; empty: the system's choice. */
export function localAddressFor(address: string, { ipv4, ipv6 }: Binding): string {
  return (isIPv4(address) ? ipv4 : ipv6) ?? ''
}

/** One IPv4 and one IPv6 address at most, brackets allowed, with a comma or blanks between; nothing: unbound. */
function parseBinding(text: string): Binding {
  const addresses = text.split(/[\s,]+/).filter((word) => word !== '')
  if (addresses.length === 0) return unbound
  const binding: { ipv4?: string; ipv6?: string } = {}
  for (const word of addresses) {
    const address = word.replace(/^\[(.*)\]$/, '$1')
    if (isIPv4(address)) binding.ipv4 = address
    else if (isIPv6(address)) binding.ipv6 = address
    else throw new Trouble('4.3.0', `control/bindroutes or control/outgoingip: not an address: ${word}`)
  }
  return binding
}
