/**
 * A DNS server whose answers a test decides: UDP and TCP on one free port of a loopback address.
 *
 * As a program: `node test/support/dns-server.ts ZONE.json [ADDRESS[:PORT]]` prints ADDRESS:PORT once it answers, then a line a query,
 * `udp MX yabumi.com`, until a signal ends it. As a module: startDnsServer(zone).
 *
 * It behaves as a recursive server does: aliases are followed within the zone, names outside do not exist. RFC 1035 §4.
 */
import { createSocket, type Socket as UdpSocket } from 'node:dgram'
import { readFileSync } from 'node:fs'
import { createServer, type Socket, type Server as TcpServer } from 'node:net'

/** What a server can do instead of answering; garbage is random bytes behind the right number. */
export type Misbehaviour = 'SERVFAIL' | 'REFUSED' | 'NXDOMAIN' | 'SILENCE' | 'GARBAGE'

/** The records of one name. A type that is not listed has no data. */
export interface Name {
  readonly MX?: readonly (readonly [preference: number, host: string])[] | Misbehaviour
  readonly A?: readonly string[] | Misbehaviour
  readonly AAAA?: readonly string[] | Misbehaviour
  readonly NS?: readonly string[] | Misbehaviour
  readonly PTR?: readonly string[] | Misbehaviour
  /** Each is cut into strings of 255 bytes, as the wire has it. */
  readonly TXT?: readonly string[] | Misbehaviour
  /** The data in hexadecimal digits. */
  readonly TLSA?: readonly (readonly [usage: number, selector: number, matching: number, data: string])[] | Misbehaviour
  readonly CNAME?: string
  /** false: answer with the CNAME alone, as a server does that leaves following it to others. */
  readonly follow?: false
  /** It is signed: where all names of an answer are, the server says that it has verified it. */
  readonly secure?: true
  /** Seconds for which answers may be kept; none without. */
  readonly ttl?: number
  /** lower: the question comes back in lower case, by datagram; FORMERR: with EDNS nothing else is answered; forged: a wrong reply comes first. */
  readonly oddity?: 'lower' | 'FORMERR' | 'forged'
}

/** Names without final dot; `*.example` answers for every name below that is not listed itself. */
export type Zone = Readonly<Record<string, Name | Misbehaviour>>

export interface DnsServer {
  /** `127.0.0.1:PORT`, as control/resolvers takes it. */
  readonly address: string
  /** The questions so far: `udp MX yabumi.com`. */
  readonly queries: readonly string[]
  /** What it answers with from now on. */
  setZone(zone: Zone): void
  close(): Promise<void>
}

const types = { A: 1, NS: 2, CNAME: 5, PTR: 12, MX: 15, TXT: 16, AAAA: 28, TLSA: 52 } as const
type Type = keyof typeof types
const refusals = { FORMERR: 1, SERVFAIL: 2, NXDOMAIN: 3, REFUSED: 5 } as const

/** Start a server. */
export async function startDnsServer(zone: Zone, host = '127.0.0.1', port = 0, log: (line: string) => void = () => {}): Promise<DnsServer> {
  const queries: string[] = []
  let current = zone
  const reply = (over: 'udp' | 'tcp', query: Buffer): Buffer | undefined => {
    const question = readQuestion(query)
    if (question === undefined) return undefined
    const line = `${over} ${question.type} ${question.name}`
    queries.push(line)
    log(line)
    const answer = answerTo(current, query, question)
    const oddity = oddityOf(current, question.name)
    if (answer !== undefined && oddity === 'lower' && over === 'udp')
      answer.write(answer.toString('latin1', 12, question.end - 4).toLowerCase(), 12, 'latin1')
    if (oddity === 'FORMERR' && query.readUInt16BE(10) > 0) return message(query, question, refusals.FORMERR, [])
    return answer !== undefined && over === 'udp' && answer.length > 512 ? truncated(answer, question.end) : answer
  }
  const open = new Set<Socket>()
  const tcp = createServer((socket) => {
    open.add(socket)
    socket.on('close', () => open.delete(socket))
    serveTcp(socket, (query) => reply('tcp', query))
  })
  const udp = await listenBoth(tcp, host, port)
  udp.on('message', (query, from) => {
    const answer = reply('udp', query)
    if (answer !== undefined && isForged(current, query)) {
      const forged = Buffer.from(answer)
      forged.writeUInt16BE(forged.readUInt16BE() ^ 1)
      udp.send(forged.fill(0xff, 12), from.port, from.address)
    }
    if (answer !== undefined) udp.send(answer, from.port, from.address)
  })
  const bound = udp.address()
  return {
    address: bound.family === 'IPv6' ? `[${bound.address}]:${bound.port}` : `${bound.address}:${bound.port}`,
    queries,
    setZone(next) {
      current = next
    },
    async close() {
      for (const socket of open) socket.destroy()
      await Promise.all([new Promise<void>((done) => udp.close(done)), new Promise((done) => tcp.close(done))])
    },
  }
}

/** One port that is free for both; the first free one for TCP may be taken for UDP. */
async function listenBoth(tcp: TcpServer, host: string, port: number): Promise<UdpSocket> {
  for (let attempt = 0; ; attempt += 1) {
    await new Promise<void>((done, fail) => tcp.once('error', fail).listen(port, host, done))
    const address = tcp.address()
    const udp = createSocket(host.includes(':') ? 'udp6' : 'udp4')
    try {
      await new Promise<void>((done, fail) => udp.once('error', fail).bind(typeof address === 'object' ? address?.port : port, host, done))
      return udp
    } catch (error) {
      udp.close()
      await new Promise((done) => tcp.close(done))
      if (attempt === 10) throw error
    }
  }
}

function serveTcp(socket: Socket, reply: (query: Buffer) => Buffer | undefined): void {
  let input = Buffer.alloc(0)
  socket.on('error', () => socket.destroy())
  socket.on('data', (bytes) => {
    input = Buffer.concat([input, bytes])
    while (input.length >= 2 && input.length >= 2 + input.readUInt16BE(0)) {
      const end = 2 + input.readUInt16BE(0)
      const answer = reply(input.subarray(2, end))
      if (answer !== undefined) socket.write(Buffer.concat([number16(answer.length), answer]))
      input = input.subarray(end)
    }
  })
}

interface Question {
  readonly name: string
  readonly type: Type | `TYPE${number}`
  /** Where the question section ends in the query. */
  readonly end: number
}

function readQuestion(query: Buffer): Question | undefined {
  const labels: string[] = []
  let at = 12
  for (let length = query[at]; length !== 0; length = query[at]) {
    if (length === undefined || length > 63) return undefined
    labels.push(query.toString('latin1', at + 1, at + 1 + length).toLowerCase())
    at += 1 + length
  }
  if (at + 5 > query.length) return undefined
  const number = query.readUInt16BE(at + 1)
  const known = (Object.keys(types) as Type[]).find((type) => types[type] === number)
  return { name: labels.join('.'), type: known ?? `TYPE${number}`, end: at + 5 }
}

function answerTo(zone: Zone, query: Buffer, question: Question): Buffer | undefined {
  const records: Buffer[] = []
  let name = question.name
  let secure = true
  for (let step = 0; step < 20; step += 1) {
    const entry = find(zone, name)
    if (entry === undefined) return message(query, question, refusals.NXDOMAIN, records)
    if (typeof entry === 'string') return misbehave(entry, query, question)
    secure &&= entry.secure === true
    if (entry.CNAME !== undefined) {
      records.push(record(name, 'CNAME', encodeName(entry.CNAME), entry.ttl))
      if (question.type === 'CNAME' || entry.follow === false) break
      name = entry.CNAME.toLowerCase()
      continue
    }
    const data = question.type === 'CNAME' || question.type.startsWith('TYPE') ? undefined : entry[question.type as Exclude<Type, 'CNAME'>]
    if (typeof data === 'string') return misbehave(data, query, question)
    for (const value of data ?? []) records.push(record(name, question.type as Type, encodeData(question.type as Type, value), entry.ttl))
    break
  }
  return message(query, question, 0, records, secure)
}

function find(zone: Zone, name: string): Zone[string] | undefined {
  const exact = zone[name]
  if (exact !== undefined) return exact
  const dot = name.indexOf('.')
  return dot < 0 ? undefined : zone[`*${name.slice(dot)}`]
}

function oddityOf(zone: Zone, name: string): Name['oddity'] {
  const entry = find(zone, name)
  return typeof entry === 'object' ? entry.oddity : undefined
}

function isForged(zone: Zone, query: Buffer): boolean {
  const question = readQuestion(query)
  return question !== undefined && oddityOf(zone, question.name) === 'forged'
}

function misbehave(how: Misbehaviour, query: Buffer, question: Question): Buffer | undefined {
  if (how === 'SILENCE') return undefined
  if (how !== 'GARBAGE') return message(query, question, refusals[how], [])
  const promising = message(query, question, 0, [])
  promising.writeUInt16BE(3, 6) // three answers, and then bytes that are none
  return Buffer.concat([promising, Buffer.from('\xff\xc0\xffgarbage\x00\x01', 'latin1')])
}

function message(query: Buffer, question: Question, code: number, records: readonly Buffer[], secure = false): Buffer {
  const header = Buffer.alloc(12)
  query.copy(header, 0, 0, 2)
  header.writeUInt16BE((secure ? 0x81a0 : 0x8180) | code, 2) // an answer, recursion desired and available
  header.writeUInt16BE(1, 4)
  header.writeUInt16BE(records.length, 6)
  return Buffer.concat([header, query.subarray(12, question.end), ...records])
}

function truncated(answer: Buffer, end: number): Buffer {
  const start = Buffer.from(answer.subarray(0, end))
  start.writeUInt16BE(start.readUInt16BE(2) | 0x0200, 2)
  start.writeUInt16BE(0, 6)
  return start
}

function record(name: string, type: Type, data: Buffer, ttl = 0): Buffer {
  const fixed = Buffer.alloc(8)
  fixed.writeUInt16BE(types[type], 0)
  fixed.writeUInt16BE(1, 2)
  fixed.writeUInt32BE(ttl, 4)
  return Buffer.concat([encodeName(name), fixed, number16(data.length), data])
}

function encodeData(type: Type, value: string | readonly [number, string] | readonly [number, number, number, string]): Buffer {
  if (typeof value !== 'string' && value.length === 4)
    return Buffer.concat([Buffer.from(value.slice(0, 3) as number[]), Buffer.from(value[3], 'hex')])
  if (typeof value !== 'string') return Buffer.concat([number16(value[0]), encodeName(value[1])])
  if (type === 'TXT') return encodeText(value)
  if (type === 'A') return Buffer.from(value.split('.').map(Number))
  return type === 'AAAA' ? encodeV6(value) : encodeName(value)
}

function encodeText(text: string): Buffer {
  const strings = text.match(/[\s\S]{1,255}/g) ?? ['']
  return Buffer.concat(strings.map((string) => Buffer.from(`${String.fromCharCode(string.length)}${string}`, 'latin1')))
}

function encodeV6(address: string): Buffer {
  const [head = '', tail = ''] = address.split('::')
  const groups = (text: string): number[] =>
    text
      .split(':')
      .filter((group) => group !== '')
      .map((group) => Number.parseInt(group, 16))
  const before = groups(head)
  const after = groups(tail)
  const all = [...before, ...Array<number>(8 - before.length - after.length).fill(0), ...after]
  return Buffer.concat(all.map(number16))
}

function encodeName(name: string): Buffer {
  const labels = name.split('.').filter((label) => label !== '')
  return Buffer.concat([...labels.map((label) => Buffer.from(`${String.fromCharCode(label.length)}${label}`, 'latin1')), Buffer.from([0])])
}

function number16(value: number): Buffer {
  return Buffer.from([value >> 8, value & 255])
}

if (import.meta.main) {
  const [, , file = '/dev/stdin', where = '127.0.0.1'] = process.argv
  const [, host = where, port = '0'] = /^(.*?):([0-9]+)$/.exec(where) ?? []
  const zone = JSON.parse(readFileSync(file, 'utf8')) as Zone
  const server = await startDnsServer(zone, host, Number(port), (line) => process.stdout.write(`${line}\n`))
  process.stdout.write(`${server.address}\n`)
}
