/** A DNS server on loopback that knows PTR records, and falls silent when told to. */
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import type { Test } from 'tap'

export interface NameServer {
  readonly port: number
  /** Names asked for so far. */
  readonly asked: string[]
}

/** @param names - by address; `silence` never answers, any other address does not exist */
export async function startNameServer(t: Test, names: Record<string, string | 'silence'>): Promise<NameServer> {
  const asked: string[] = []
  const socket = createSocket('udp4')
  socket.on('message', (query, from) => {
    const { name, end } = readName(query)
    asked.push(name)
    const found = names[name.replace('.in-addr.arpa', '').split('.').reverse().join('.')]
    if (found === 'silence') return
    const header = Buffer.from(query.subarray(0, 12))
    header.writeUInt16BE(found === undefined ? 0x8183 : 0x8180, 2)
    header.fill(0, 6)
    if (found !== undefined) header.writeUInt16BE(1, 6)
    const record = found === undefined ? Buffer.alloc(0) : pointer(found)
    socket.send(Buffer.concat([header, query.subarray(12, end + 4), record]), from.port, from.address)
  })
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  t.teardown(() => socket.close())
  return { port: socket.address().port, asked }
}

function readName(query: Buffer): { name: string; end: number } {
  const labels: string[] = []
  let at = 12
  for (let length = query[at] ?? 0; length > 0; length = query[at] ?? 0) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length))
    at += 1 + length
  }
  return { name: labels.join('.').toLowerCase(), end: at + 1 } // its letters are in mixed case
}

function pointer(name: string): Buffer {
  const target = Buffer.concat([
    ...name.split('.').map((label) => Buffer.from(`${String.fromCharCode(label.length)}${label}`, 'latin1')),
    Buffer.alloc(1),
  ])
  const fixed = Buffer.from([0xc0, 12, 0, 12, 0, 1, 0, 0, 0, 60, 0, target.length])
  return Buffer.concat([fixed, target])
}
