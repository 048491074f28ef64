/**
 * What a proxy says in front of a connection: whose it is (HAProxy's PROXY protocol, versions 1 and 2).
 *
 * It is there or the connection is worth nothing: nobody guesses. What follows it is the client's.
 */
import { isIP } from 'node:net'
import { proxyHeaderBytes } from '@yabumi/limits'
import type { Ends } from './listen.ts'

/** How a header stands: more must come; it is none; or it is whole. */
export type ProxyHeader =
  | 'open'
  | 'bad'
  | {
      /** Bytes that it takes. */
      readonly length: number
      /** Whose connection it is; undefined: the proxy's own, which looks whether we are there. */
      readonly ends: Ends | undefined
    }

const signature = Buffer.from('0d0a0d0a000d0a515549540a', 'hex')
/** Of version 1, with its line end. */
const lineBytes = 107

/** @param bytes - all that has come so far */
export function readProxyHeader(bytes: Buffer): ProxyHeader {
  if (bytes.length === 0) return 'open'
  const begins = (mark: Buffer): boolean => {
    const length = Math.min(bytes.length, mark.length)
    return bytes.subarray(0, length).equals(mark.subarray(0, length))
  }
  if (begins(Buffer.from('PROXY '))) return readLine(bytes)
  return begins(signature) ? readBinary(bytes) : 'bad'
}

function readLine(bytes: Buffer): ProxyHeader {
  const end = bytes.subarray(0, lineBytes).indexOf('\r\n')
  if (end < 0) return bytes.length < lineBytes ? 'open' : 'bad'
  const line = bytes.toString('latin1', 0, end)
  const length = end + 2
  if (line === 'PROXY UNKNOWN' || line.startsWith('PROXY UNKNOWN ')) return { length, ends: undefined }
  const [, family, source = '', target = '', from = '', to = ''] =
    /^PROXY TCP([46]) ([0-9A-Fa-f:.]{2,39}) ([0-9A-Fa-f:.]{2,39}) ([0-9]{1,5}) ([0-9]{1,5})$/.exec(line) ?? []
  if (isIP(source) !== Number(family) || isIP(target) !== Number(family)) return 'bad'
  const ends = { remote: { address: plain(source), port: Number(from) }, local: { address: plain(target), port: Number(to) } }
  return ends.remote.port > 65_535 || ends.local.port > 65_535 ? 'bad' : { length, ends }
}

function readBinary(bytes: Buffer): ProxyHeader {
  if (bytes.length < 16) return 'open'
  const [version, command] = [(bytes[12] as number) >> 4, (bytes[12] as number) & 15]
  const family = bytes[13] as number
  const length = 16 + bytes.readUInt16BE(14)
  if (version !== 2 || command > 1 || length > proxyHeaderBytes) return 'bad'
  if (bytes.length < length) return 'open'
  if (command === 0) return { length, ends: undefined }
  const width = family === 0x11 ? 4 : family === 0x21 ? 16 : 0 // TCP over IPv4, over IPv6
  if (width === 0 || length < 16 + 2 * width + 4) return 'bad'
  const address = (at: number): string => plain(addressText(bytes.subarray(at, at + width)))
  const port = 16 + 2 * width
  return {
    length,
    ends: {
      remote: { address: address(16), port: bytes.readUInt16BE(port) },
      local: { address: address(16 + width), port: bytes.readUInt16BE(port + 2) },
    },
  }
}

function addressText(bytes: Buffer): string {
  if (bytes.length === 4) return bytes.join('.')
  return Array.from({ length: 8 }, (_, at) => bytes.readUInt16BE(2 * at).toString(16)).join(':')
}

/** As the kernel writes it: `2001:db8::1`; IPv4 in its dotted form. */
function plain(address: string): string {
  if (isIP(address) !== 6) return address
  const short = new URL(`http://[${address}]/`).hostname.slice(1, -1)
  const [, high = '', low = ''] = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(short) ?? []
  if (high === '') return short
  const value = (Number.parseInt(high, 16) << 16) | Number.parseInt(low, 16)
  return [24, 16, 8, 0].map((shift) => (value >>> shift) & 255).join('.')
}
