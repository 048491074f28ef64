/** The names of addresses in the DNS. A name that cannot be had soon is none. */
import { isIP } from 'node:net'
import { ask } from './ask.ts'

/** Seconds that a name is waited for: a client stands at the door meanwhile, and the name is an ornament. */
const patienceSeconds = 5

/**
 * The name of an address by its PTR record, lower-case, without the final dot.
 *
 * @param ip - IPv4 or IPv6, also IPv4 in IPv6 (`::ffff:192.0.2.1`), with or without a zone (`%eth0`)
 * @returns undefined if there is none, or none to be had now; never throws
 */
export async function reverseName(ip: string): Promise<string | undefined> {
  const name = reverseZone(ip)
  if (name === undefined) return undefined
  const answer = await within(patienceSeconds, ask(name, 'PTR'))
  if (answer?.kind !== 'found') return undefined
  const host = (answer.records[0] ?? '').replace(/\.$/, '').toLowerCase()
  return host === '' ? undefined : host
}

function within<T>(seconds: number, promise: Promise<T>): Promise<T | undefined> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, seconds * 1000, undefined)
    void promise.then((value) => {
      clearTimeout(timer)
      resolve(value)
    })
  })
}

/** `1.2.0.192.in-addr.arpa`, or the 32 nibbles under ip6.arpa (RFC 1035 §3.5, RFC 3596 §2.5); undefined for no address. */
export function reverseZone(ip: string): string | undefined {
  const address = ip.split('%', 1)[0] as string
  const mapped = /^::ffff:([0-9.]+)$/i.exec(address)?.[1] ?? address
  if (isIP(mapped) === 4) return `${mapped.split('.').reverse().join('.')}.in-addr.arpa`
  if (isIP(mapped) !== 6) return undefined
  return `${nibbles(mapped).reverse().join('.')}.ip6.arpa`
}

function nibbles(v6: string): string[] {
  const tail = /([0-9]{1,3})\.([0-9]{1,3})\.([0-9]{1,3})\.([0-9]{1,3})$/.exec(v6)
  const plain = tail === null ? v6 : v6.slice(0, tail.index) + groupsOf(tail.slice(1).map(Number))
  const [head = '', rest] = plain.split('::')
  const before = head === '' ? [] : head.split(':')
  const after = rest === undefined || rest === '' ? [] : rest.split(':')
  const zeros: string[] = Array(8 - before.length - after.length).fill('0')
  return [...[...before, ...zeros, ...after].map((group) => group.padStart(4, '0')).join('')].map((digit) => digit.toLowerCase())
}

function groupsOf([a = 0, b = 0, c = 0, d = 0]: number[]): string {
  return `${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`
}
