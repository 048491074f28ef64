/**
 * The addresses to try for mail to a host, in the order to try them (spec §2.8.3, RFC 5321 §5.1).
 *
 * Equal preferences come in random order, so that senders spread over the hosts. IPv4 comes before IPv6 within a host:
 * queue/lock/tcpto remembers IPv4 only, and a mail host's name and reputation are still tied to its IPv4 address.
 */
import { isIP } from 'node:net'
import type { Answer, Records } from './answer.ts'
import { ask } from './ask.ts'

/** One address of one mail host. Lower preferences are tried first. */
export interface Exchange {
  readonly address: string
  readonly preference: number
  /** The host's name, as the MX record has it, lower-case. */
  readonly host: string
  /** The name that its aliases lead to, where it is one. */
  readonly alias?: string
  /** The address is verified by DNSSEC. */
  readonly secure?: true
}

/**
 * What the look-ups came to.
 * - found: addresses; none at all means that the names exist but have no address; secure: which hosts these are is verified by DNSSEC
 * - nomail: the domain says that it takes no mail (null MX, RFC 7505)
 * - nohost: there is no such host
 * - trouble: no usable answer for now
 */
export type Exchanges =
  | { readonly kind: 'found'; readonly exchanges: readonly Exchange[]; readonly secure?: true }
  | { readonly kind: 'nomail' | 'nohost' | 'trouble' }

/** How many mail hosts of a domain, and how many addresses of them all, are looked at. */
const hostsLimit = 20
const addressesLimit = 100
/** CNAMEs followed where the server does not follow them itself. */
const aliasLimit = 10

/** The addresses that take mail for a host: those of its MX records, or without any its own at preference 0. */
export async function findExchanges(host: string): Promise<Exchanges> {
  const answer = await throughAliases(host, (name) => ask(name, 'MX'))
  if (answer.kind === 'trouble') return { kind: 'trouble' }
  if (answer.kind !== 'found') return findAddresses(host)
  const found = await exchangesOf(answer.records)
  return found.kind === 'found' ? { ...found, ...securityOf(answer) } : found
}

/** The addresses of a host itself, at preference 0; its MX records do not matter. */
export async function findAddresses(host: string): Promise<Exchanges> {
  const answer = await addressesOf(host)
  if (answer.kind === 'trouble') return { kind: 'trouble' }
  if (answer.kind !== 'found') return { kind: 'nohost' }
  return { kind: 'found', exchanges: answer.records.slice(0, addressesLimit).map(atPreference(host, 0, answer)), ...securityOf(answer) }
}

async function exchangesOf(records: readonly Records['MX'][]): Promise<Exchanges> {
  const hosts = records.filter(({ exchange }) => exchange !== '' && exchange !== '.')
  if (hosts.length === 0) return { kind: 'nomail' }
  const sorted = shuffle(hosts).sort((a, b) => a.priority - b.priority)
  const answers = await Promise.all(
    sorted.slice(0, hostsLimit).map(async ({ exchange, priority }) => ({ answer: await addressesOf(exchange), exchange, priority })),
  )
  const exchanges = answers.flatMap(({ answer, exchange, priority }) =>
    answer.kind === 'found' ? answer.records.map(atPreference(exchange, priority, answer)) : [],
  )
  // one name that cannot be looked up now, or was left out, may be the one that would have worked
  const incomplete = sorted.length > hostsLimit || answers.some(({ answer }) => answer.kind === 'trouble')
  if (exchanges.length === 0 && incomplete) return { kind: 'trouble' }
  return { kind: 'found', exchanges: exchanges.slice(0, addressesLimit) }
}

function atPreference(host: string, preference: number, answer: Looked<string>): (address: string) => Exchange {
  const rest = {
    preference,
    host: host.replace(/\.$/, '').toLowerCase(),
    ...(answer.alias === undefined ? {} : { alias: answer.alias }),
    ...securityOf(answer),
  }
  return (address) => ({ address, ...rest })
}

function securityOf({ secure }: { readonly secure?: true }): { secure?: true } {
  return secure === undefined ? {} : { secure }
}

/** An answer that was found. */
type Looked<T> = Extract<Answer<T>, { kind: 'found' }>

/** Both kinds of address of a name; a name that is an address is its own, as some MX records have it. */
function addressesOf(host: string): Promise<Answer<string>> {
  if (isIP(host) !== 0) return Promise.resolve({ kind: 'found', records: [host] })
  return throughAliases(host, async (name) => {
    const [v4, v6] = await Promise.all([ask(name, 'A'), ask(name, 'AAAA')])
    const [first, ...rest] = [v4, v6].filter((answer) => answer.kind === 'found')
    // a server that knows the name does not exist may still fail on AAAA
    if (first === undefined) return v4.kind === 'trouble' || v4.kind === 'nxdomain' ? v4 : v6
    const { secure, ...found } = first
    const isSecure = secure === true && rest.every((answer) => answer.secure === true)
    return { ...found, records: [first, ...rest].flatMap(({ records }) => records), ...(isSecure ? { secure } : {}) }
  })
}

/** Look a name up; where it has nothing but an alias, go on there. Most servers follow aliases themselves. */
async function throughAliases<T>(host: string, lookUp: (name: string) => Promise<Answer<T>>): Promise<Answer<T>> {
  let name = host
  for (let step = 0; step < aliasLimit; step += 1) {
    const answer = await lookUp(name)
    if (answer.kind === 'found' && name !== host) return beyond(name, answer)
    if (answer.kind !== 'nodata') return answer
    const alias = await ask(name, 'CNAME')
    if (alias.kind === 'trouble') return alias
    if (alias.kind !== 'found') return answer
    name = alias.records[0] as string
  }
  return { kind: 'trouble', reason: 'too many aliases' }
}

/** What was found at the end of an alias that the server did not follow: not taken for verified, because few servers do so. */
function beyond<T>(name: string, { secure: _, ...found }: Looked<T>): Answer<T> {
  return { alias: name.toLowerCase(), ...found }
}

function shuffle<T>(items: readonly T[]): T[] {
  const shuffled = [...items]
  for (let i = shuffled.length - 1; i > 0; i -= 1) {
    const j = Math.floor(Math.random() * (i + 1))
    ;[shuffled[i], shuffled[j]] = [shuffled[j] as T, shuffled[i] as T]
  }
  return shuffled
}
