/** Who a client is to the log of the door. */
import { fstatSync } from 'node:fs'
import { BlockList, isIP } from 'node:net'
import { networkInterfaces } from 'node:os'
import type { Caller } from '@yabumi/logline'
import { clientOf, type Endpoint, isLoopback } from './endpoint.ts'

/** Interfaces come and go. */
const keptMilliseconds = 60_000

/** @param mayRelay - whether a rule of the operator's says that it is one of his own */
export function callerOf({ address, port }: Endpoint, mayRelay = false): Caller {
  return { address, port, share: clientOf(address), isOurs: () => mayRelay || isOwn(address) }
}

/**
 * The client of a program that serves one connection, as tcpserver describes it.
 *
 * @returns undefined where there is nobody to name, or where descriptor 2 is the connection, as under inetd: what is written there would go to the client
 */
export function callerBehind(environment: ReadonlyMap<string, string>): Caller | undefined {
  const address = environment.get('TCPREMOTEIP') ?? ''
  const port = Number(environment.get('TCPREMOTEPORT')) || 0
  if (isIP(address) === 0 || isSame(0, 2) || isSame(1, 2)) return undefined
  return callerOf({ address, port }, environment.has('RELAYCLIENT'))
}

/** Whether two descriptors lead to the same file or socket. */
function isSame(one: number, other: number): boolean {
  const [first, second] = [fstatSync(one), fstatSync(other)]
  return first.ino === second.ino && first.dev === second.dev
}

/** Loopback, and the networks that this host's interfaces are in. */
function isOwn(address: string): boolean {
  return isLoopback(address) || networks().check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4')
}

let known: { readonly list: BlockList; readonly at: number } | undefined

function networks(): BlockList {
  const now = performance.now()
  if (known === undefined || now - known.at > keptMilliseconds) known = { list: readNetworks(), at: now }
  return known.list
}

function readNetworks(): BlockList {
  const list = new BlockList()
  for (const { address, family, cidr } of Object.values(networkInterfaces()).flatMap((each) => each ?? [])) {
    const bits = Number(cidr?.split('/')[1])
    if (bits > 0) list.addSubnet(address, bits, family === 'IPv6' ? 'ipv6' : 'ipv4')
  }
  return list
}
