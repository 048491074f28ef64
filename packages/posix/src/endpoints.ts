/** The two ends of a connected TCP socket, without making it a socket of Node's, which would be non-blocking from then on. */
import { libc, systemError } from './libc.ts'

export interface Endpoint {
  /** IPv4 as four numbers, also where it is mapped into IPv6; IPv6 in its short form (RFC 5952). */
  readonly address: string
  readonly port: number
}

const AF_INET = 2
const AF_INET6 = 10
const socketAddressBytes = 28 // struct sockaddr_in6

/** Both ends. @throws ENOTSOCK, ENOTCONN, EAFNOSUPPORT for a socket that is not TCP's */
export function endpointsOf(fd: number): { local: Endpoint; remote: Endpoint } {
  return { local: endpoint('getsockname', fd), remote: endpoint('getpeername', fd) }
}

function endpoint(call: 'getsockname' | 'getpeername', fd: number): Endpoint {
  const bytes = Buffer.alloc(socketAddressBytes)
  if (libc()[call](fd, bytes, new Int32Array([bytes.length])) !== 0) throw systemError(call)
  const port = bytes.readUInt16BE(2)
  const family = bytes.readUInt16LE(0)
  if (family === AF_INET) return { address: bytes.subarray(4, 8).join('.'), port }
  if (family !== AF_INET6) throw Object.assign(new Error(`EAFNOSUPPORT, ${call}`), { code: 'EAFNOSUPPORT' })
  return { address: addressOf(bytes.subarray(8, 24)), port }
}

function addressOf(bytes: Buffer): string {
  const hex = bytes.toString('hex')
  if (hex.startsWith('00000000000000000000ffff')) return bytes.subarray(12).join('.')
  const groups = hex.match(/..../g) ?? []
  return new URL(`http://[${groups.join(':')}]`).hostname.slice(1, -1)
}
