/** Addresses with ports as an operator writes them: `127.0.0.1:2525`, `[::1]:2525`. */
import { isIPv4, isIPv6 } from 'node:net'
import { Trouble } from '@yabumi/trouble'

/** `address` is an IP address in text form without brackets; port 0 lets the system choose. */
export interface Endpoint {
  readonly address: string
  readonly port: number
}

/**
 * Read `ADDR:PORT`; an IPv6 address stands in brackets. Names are not taken: what they mean may change.
 *
 * @throws Trouble 5.3.5 for anything else
 */
export function parseEndpoint(text: string): Endpoint {
  const parts = /^(?:\[([0-9A-Fa-f:.]+)\]|([0-9.]+)):([0-9]{1,5})$/.exec(text)
  const [, six, four, digits] = parts ?? []
  const port = Number(digits)
  const address = six ?? four ?? ''
  if (port > 65_535 || !(six === undefined ? isIPv4(address) : isIPv6(address))) {
    throw new Trouble('5.3.5', `${text} is not an address with a port; write 127.0.0.1:2525 or [::1]:2525`)
  }
  return { address, port }
}

/** Where clients come in. */
export interface Door extends Endpoint {
  /** Whether TLS begins before a word is said (RFC 8314 §3). */
  readonly tlsAtOnce: boolean
}

/**
 * The doors of a server, at least one.
 *
 * @param inClear, tlsAtOnce - as parseEndpoint() reads them
 * @throws Trouble 5.3.5 for what is no address, 5.5.4 if there is none
 */
export function doorsOf(inClear: readonly string[], tlsAtOnce: readonly string[]): Door[] {
  if (inClear.length + tlsAtOnce.length === 0)
    throw new Trouble('5.5.4', 'nowhere to listen; say --listen ADDR:PORT or --listen-tls ADDR:PORT')
  const at = (tls: boolean) => (text: string) => ({ ...parseEndpoint(text), tlsAtOnce: tls })
  return [...inClear.map(at(false)), ...tlsAtOnce.map(at(true))]
}

/** For the log. */
export function doorText(door: Door): string {
  return `${endpointText(door)}${door.tlsAtOnce ? ', TLS at once' : ''}`
}

/** The text that parseEndpoint() reads. */
export function endpointText({ address, port }: Endpoint): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`
}

/** An address as it is shown and compared: an IPv4 client of an IPv6 socket is an IPv4 client. */
export function plainAddress(address: string): string {
  return address.startsWith('::ffff:') && address.includes('.') ? address.slice(7) : address
}

export function isLoopback(address: string): boolean {
  return address.startsWith('127.') || address === '::1'
}

/**
 * The networks of a client that have a share of their own, the smallest first: an IPv4 address; the /64 that an IPv6 customer has to itself
 * at least, and the /56 that providers give them.
 */
export function networksOf(address: string): readonly string[] {
  if (!address.includes(':')) return [address]
  const [head = '', tail] = address.split('::')
  const groups = head === '' ? [] : head.split(':')
  if (tail !== undefined) {
    const behind = tail === '' ? 0 : tail.split(':').length
    while (groups.length + behind < 8) groups.push('0')
  }
  const [a, b, c, d = '0'] = groups
  const first = `${a}:${b}:${c}`
  return [`${first}:${d}/64`, `${first}:${(Number.parseInt(d, 16) >> 8).toString(16)}00/56`]
}

/** Who has one share of what all clients share: an IPv4 address, an IPv6 /56, or all of loopback, whose addresses cost nothing. */
export function clientOf(address: string): string {
  return isLoopback(address) ? 'loopback' : (networksOf(address).at(-1) as string)
}
