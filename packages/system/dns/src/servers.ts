/**
 * Which DNS servers to ask, and which of them are believed when they say that they have verified an answer.
 *
 * control/resolvers names them, one `ADDR`, `ADDR:PORT` or `[v6]:PORT` a line; without it /etc/resolv.conf does. The
 * files are looked at before each question, so a change takes effect by itself.
 */
import { BlockList, isIP } from 'node:net'
import { keepUntilChanged, readList, readNumber } from '@yabumi/control'
import { readResolvConf } from './resolvconf.ts'

/** One server. */
export interface Server {
  readonly address: string
  readonly port: number
  /** Its AD bit counts: nobody else can say something on the way to it, or the operator says so (RFC 6698 appendix A.3). */
  readonly trusted: boolean
}

const dnsPort = 53
const largestPort = 65_535

/** The servers that control/ names now; undefined: it names none, and the system's are asked. */
const named: () => { readonly servers: readonly Server[] | undefined; readonly trusted: boolean } = keepUntilChanged(
  ['resolvers', 'resolverstrusted'],
  () => {
    const trusted = readNumber('resolverstrusted', 0) === 1
    const lines = readList('resolvers')
    return { trusted, servers: lines?.map(serverAddress).flatMap((server) => (server === undefined ? [] : [believing(server, trusted)])) }
  },
)

/** The servers in the order to ask them. None: a file that names no server must not send the questions elsewhere. */
export function currentServers(): readonly Server[] {
  try {
    const { servers, trusted } = named()
    if (servers !== undefined) return servers
    const system = readResolvConf()
    return system.addresses.map((address) => believing({ address, port: dnsPort }, trusted || system.trustAd))
  } catch {
    return []
  }
}

let loopback: BlockList | undefined

function believing(server: Omit<Server, 'trusted'>, trusted: boolean): Server {
  if (loopback === undefined) {
    loopback = new BlockList()
    loopback.addSubnet('127.0.0.0', 8)
    loopback.addAddress('::1', 'ipv6')
  }
  return { ...server, trusted: trusted || loopback.check(server.address, isIP(server.address) === 6 ? 'ipv6' : 'ipv4') }
}

/** A line of control/resolvers; undefined for one that is no address. */
export function serverAddress(line: string): Omit<Server, 'trusted'> | undefined {
  if (isIP(line) !== 0) return { address: line, port: dnsPort }
  const [, v6, v4, port = String(dnsPort)] = /^(?:\[([0-9a-fA-F:.]+)\]|([0-9.]+))(?::([0-9]{1,5}))?$/.exec(line) ?? []
  const address = v6 ?? v4 ?? ''
  if (isIP(address) !== (v6 === undefined ? 4 : 6) || Number(port) < 1 || Number(port) > largestPort) return undefined
  return { address, port: Number(port) }
}
