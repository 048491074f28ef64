/** Who a client is to the log of the door. */
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
