/**
 * Ask the servers that have a zone themselves, past every cache: what they say is what is published, for as long as the
 * zone says. Where they cannot be reached the servers of control/resolvers answer.
 */
import type { Answer, Records } from './answer.ts'
import { ask } from './ask.ts'
import { findAddresses } from './exchanges.ts'
import type { Type } from './question.ts'
import { askServers } from './rounds.ts'
import { currentServers, type Server } from './servers.ts'

/** An answer, and for how many seconds it may be kept. */
export interface Published<T> {
  readonly answer: Answer<T>
  readonly seconds: number
}

const dnsPort = 53
const serversOfZone = 4
/** Zones whose servers did not answer; nobody waits for them again. */
const silent = new Set<string>()

/** Look up the records of one type. Never throws. @param port - of the servers of zones */
export async function askAuthority<T extends Type>(name: string, type: T, port: number = dnsPort): Promise<Published<Records[T]>> {
  const { zone, servers } = await serversFor(name.replace(/\.$/, ''), port)
  if (servers.length > 0) {
    const said = await askServers(servers, name, type)
    const { kind } = said.answer
    if (kind === 'trouble') silent.add(zone)
    // an alias may lead to a zone that they do not have
    else if (kind === 'found' || said.answer.alias === undefined) return said as Published<Records[T]>
  }
  const resolvers = currentServers()
  if (resolvers.length === 0) return { answer: { kind: 'trouble', reason: 'ENOSERVER' }, seconds: 0 }
  return (await askServers(resolvers, name, type)) as Published<Records[T]>
}

/** What one server of a zone says. */
export interface View<T> {
  /** Its address. */
  readonly server: string
  readonly answer: Answer<T>
}

/** Ask each server of the zone that a name is in by itself. None where nobody knows who has it. Never throws. @param port - of the servers */
export async function askEach<T extends Type>(name: string, type: T, port: number = dnsPort): Promise<View<Records[T]>[]> {
  const { servers } = await serversFor(name.replace(/\.$/, ''), port)
  return Promise.all(
    servers.map(async (server) => ({
      server: server.address,
      answer: (await askServers([server], name, type)).answer as Answer<Records[T]>,
    })),
  )
}

async function serversFor(name: string, port: number): Promise<{ zone: string; servers: Server[] }> {
  for (let zone = name; zone.includes('.'); zone = zone.slice(zone.indexOf('.') + 1)) {
    const answer = await ask(zone, 'NS')
    if (answer.kind !== 'found') continue
    if (silent.has(zone)) return { zone, servers: [] }
    const found = await Promise.all(answer.records.slice(0, serversOfZone).map((host) => findAddresses(host)))
    const addresses = found.flatMap((each) => (each.kind === 'found' ? each.exchanges.map(({ address }) => address) : []))
    return { zone, servers: addresses.map((address) => ({ address, port, trusted: false })) }
  }
  return { zone: '', servers: [] }
}
