/**
 * TCP sockets that are no sockets of Node's: one that is only bound, and the two ends of a connected one, which stays
 * blocking.
 */
import { closeSync } from 'node:fs'
import { libc, systemError } from './libc.ts'

export interface Endpoint {
  /** IPv4 as four numbers, also where it is mapped into IPv6; IPv6 in its short form (RFC 5952). */
  readonly address: string
  readonly port: number
}

const AF_INET = 2
const AF_INET6 = 10
const SOCK_STREAM = 1
const SOCK_NONBLOCK = 0x800
const SOCK_CLOEXEC = 0x80000
const SOL_SOCKET = 1
const SO_REUSEADDR = 2
const IPPROTO_IPV6 = 41
const IPV6_V6ONLY = 26
const socketAddressBytes = 28 // struct sockaddr_in6

/** Both ends. @throws ENOTSOCK, ENOTCONN, EAFNOSUPPORT for a socket that is not TCP's */
export function endpointsOf(fd: number): { local: Endpoint; remote: Endpoint } {
  return { local: endpoint('getsockname', fd), remote: endpoint('getpeername', fd) }
}

/**
 * A TCP socket with an address but without a queue for connections: the kernel refuses clients until it listens. So a program may bind
 * as root and listen as somebody else. Non-blocking, closed on exec.
 *
 * @param address - an IP address in its text form
 * @param ipv6Only - whether an IPv6 socket leaves IPv4 alone
 * @throws EADDRINUSE, EADDRNOTAVAIL, EACCES
 */
export function boundSocket({ address, port }: Endpoint, ipv6Only: boolean): number {
  const family = address.includes(':') ? AF_INET6 : AF_INET
  const fd = libc().socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)
  if (fd < 0) throw systemError('socket')
  try {
    setOption(fd, SOL_SOCKET, SO_REUSEADDR, 1)
    if (family === AF_INET6) setOption(fd, IPPROTO_IPV6, IPV6_V6ONLY, ipv6Only ? 1 : 0)
    const bytes = family === AF_INET6 ? ipv6SocketAddress(address, port) : ipv4SocketAddress(address, port)
    if (libc().bind(fd, bytes, bytes.length) !== 0) throw systemError('bind')
    return fd
  } catch (error) {
    closeSync(fd)
    throw error
  }
}

function setOption(fd: number, level: number, name: number, value: number): void {
  if (libc().setsockopt(fd, level, name, new Int32Array([value]), 4) !== 0) throw systemError('setsockopt')
}

function ipv4SocketAddress(address: string, port: number): Buffer {
  const bytes = Buffer.alloc(16) // struct sockaddr_in
  bytes.writeUInt16LE(AF_INET, 0)
  bytes.writeUInt16BE(port, 2)
  bytes.set(address.split('.').map(Number), 4)
  return bytes
}

function ipv6SocketAddress(address: string, port: number): Buffer {
  const bytes = Buffer.alloc(socketAddressBytes)
  bytes.writeUInt16LE(AF_INET6, 0)
  bytes.writeUInt16BE(port, 2)
  const last = address.lastIndexOf(':') + 1
  const [head = '', tail] = address.includes('.', last)
    ? `${address.slice(0, last)}${hexGroups(address.slice(last))}`.split('::')
    : address.split('::')
  const before = groupsOf(head)
  const after = groupsOf(tail ?? '')
  for (const [index, group] of before.entries()) bytes.writeUInt16BE(group, 8 + 2 * index)
  for (const [index, group] of after.entries()) bytes.writeUInt16BE(group, 24 - 2 * (after.length - index))
  return bytes
}

/** The last two groups of an IPv6 address that ends in an IPv4 one. */
function hexGroups(ipv4: string): string {
  const [a = 0, b = 0, c = 0, d = 0] = ipv4.split('.').map(Number)
  return `${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`
}

function groupsOf(text: string): number[] {
  return text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16))
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
