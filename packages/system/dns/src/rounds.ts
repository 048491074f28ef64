/**
 * One question goes from server to server, until one says something that can be used, or patience is at its end.
 *
 * A server that fails must not speak for the others, so the next one is asked at once. Silence costs a while, and more
 * in each round.
 */
import { dnsQuestions, dnsSeconds } from '@yabumi/limits'
import type { Answer, Records } from './answer.ts'
import { codes, flagsOf, makeQuestion, type Type } from './question.ts'
import { readSection } from './records.ts'
import type { Server } from './servers.ts'
import { askByConnection, askByDatagram, type Reply } from './transport.ts'

/** An answer, and how many seconds it may be kept. */
interface Kept {
  readonly answer: Answer<Records[Type]>
  readonly seconds: number
}

/** How long a server may be silent in each round. */
const roundMilliseconds = [1_500, 2_500, 4_000] as const
/** More records than this in one answer are left out: nobody tries that many hosts, and an answer is up to 64 KiB. */
const recordsLimit = 100

let open = 0
const waiting: (() => void)[] = []

/** @param servers - at least one. Never throws. */
export async function askServers(servers: readonly Server[], name: string, type: Type): Promise<Kept> {
  if (open >= dnsQuestions) await new Promise<void>((resolve) => waiting.push(resolve))
  open += 1
  try {
    return await goRound(servers, name, type)
  } finally {
    open -= 1
    waiting.shift()?.()
  }
}

async function goRound(servers: readonly Server[], name: string, type: Type): Promise<Kept> {
  const deadline = performance.now() + dnsSeconds * 1000
  let reason = 'ETIMEOUT'
  const failed = new Set<Server>()
  for (const milliseconds of roundMilliseconds) {
    for (const server of servers) {
      const left = Math.min(milliseconds, deadline - performance.now())
      if (left <= 0 || failed.has(server)) continue
      const said = await askOne(server, name, type, left)
      if (typeof said !== 'string') return said
      if (said === 'ETIMEOUT') continue
      failed.add(server)
      reason = said
    }
  }
  return { answer: { kind: 'trouble', reason }, seconds: 0 }
}

/** @returns the answer, or in a word why there is none */
async function askOne(server: Server, name: string, type: Type, milliseconds: number): Promise<Kept | string> {
  const reply = await exchange(server, name, type, milliseconds, true)
  if (typeof reply === 'string') return reply === 'silence' ? 'ETIMEOUT' : 'ECONNREFUSED'
  const { code, authentic } = flagsOf(reply)
  if (code !== codes.good && code !== codes.noName) return code === codes.refused ? 'EREFUSED' : 'ESERVFAIL'
  try {
    const { records, alias, seconds } = readSection(reply, name, type)
    const origin = { ...(authentic && server.trusted ? { secure: true as const } : {}), ...(alias === undefined ? {} : { alias }) }
    if (records.length > 0) return { answer: { kind: 'found', records: records.slice(0, recordsLimit), ...origin }, seconds }
    return { answer: { kind: code === codes.noName ? 'nxdomain' : 'nodata', ...origin }, seconds }
  } catch {
    return 'EBADRESP'
  }
}

/** By datagram, and by connection where the reply does not fit, or is not certainly the server's; without EDNS where it knows none. */
async function exchange(server: Server, name: string, type: Type, milliseconds: number, extended: boolean): Promise<Reply> {
  const question = makeQuestion(name, type, extended)
  let reply = await askByDatagram(server, question, milliseconds)
  if (reply === 'similar' || (typeof reply === 'object' && flagsOf(reply).truncated))
    reply = await askByConnection(server, question, milliseconds)
  if (typeof reply === 'string' || !extended) return reply
  const { code } = flagsOf(reply)
  return code === codes.malformed || code === codes.unknown ? exchange(server, name, type, milliseconds, false) : reply
}
