/** Which addresses lead back to this machine, so that mail for others does not go round in it. */
import { BlockList, isIP } from 'node:net'
import { networkInterfaces } from 'node:os'

/** Interfaces come and go, but asking the kernel each time would cost more than the rest of a look-up. */
const freshMilliseconds = 5_000
const smtpPort = 25

/** Not made before something is asked: it loads a part of Node that takes 1 ms. */
let mine: BlockList | undefined
let askedAt = Number.NEGATIVE_INFINITY

/** Addresses that lead to this machine whatever its interfaces are called: what listens on 0.0.0.0 answers at each of them. */
let loopback: BlockList | undefined

/**
 * Whether an address is one of this machine: that of an interface that is up, or the unspecified one; as a mail exchanger also any of the
 * loopback networks. Not so where control/smtproutes names another port for the host: then somebody knows what listens there.
 */
export function isMyself(address: string, port: number): boolean {
  const now = performance.now()
  if (mine === undefined || now - askedAt > freshMilliseconds) {
    mine = new BlockList()
    mine.addSubnet('0.0.0.0', 8)
    mine.addAddress('::', 'ipv6')
    for (const entry of Object.values(networkInterfaces()).flatMap((entries) => entries ?? []))
      mine.addAddress(entry.address.split('%', 1)[0] as string, entry.family === 'IPv6' ? 'ipv6' : 'ipv4')
    askedAt = now
  }
  loopback ??= loopbackNetworks()
  const family = isIP(address) === 6 ? 'ipv6' : 'ipv4' // IPv4 in IPv6 reaches the same interface, and the lists know that
  const plain = address.split('%', 1)[0] as string
  return mine.check(plain, family) || (port === smtpPort && loopback.check(plain, family))
}

function loopbackNetworks(): BlockList {
  const networks = new BlockList()
  networks.addSubnet('127.0.0.0', 8)
  networks.addAddress('::1', 'ipv6')
  return networks
}
