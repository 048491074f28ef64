/**
 * The signatures of a message that is about to leave, kept for its further attempts.
 *
 * In      a file of the queue, open; it is read from its start, and its offset stays
 * Memory  the header, and of the body a piece
 */
import { type BigIntStats, fstatSync, readSync } from 'node:fs'
import { setImmediate } from 'node:timers/promises'
import { readNumber } from '@yabumi/control'
import { nowSeconds } from '@yabumi/dates'
import { Signer } from '@yabumi/dkim'
import { keysExist } from '@yabumi/dkimkeys'
import type { FactMap } from '@yabumi/facts'
import { dkimLifetimeSeconds, keptSignatureSeconds, keptSignatures } from '@yabumi/limits'
import { DataEncoder } from '@yabumi/smtp'
import { type Decision, decide } from './decide.ts'
import { refusedNext, sealerFor } from './seal.ts'

/** Makes another message of one that comes in pieces. */
export interface Change {
  push(piece: Buffer): Buffer
  finish(): Buffer
}

interface Kept {
  readonly fields: Promise<Buffer>
  readonly until: number
}

const none: Buffer = Buffer.alloc(0)
const kept = new Map<string, Kept>()
/** Shared by all: what is read into it is hashed before anybody else reads. */
const piece = Buffer.allocUnsafe(32_768)

let tell: (line: string) => void = () => undefined

/** Have each decision told: `dkim: 1234 d=example.org s=202611a+202611e`, `dkim: 1234 not signed: REASON`, with the inode as a number. */
export function onSigned(listener: (line: string) => void): void {
  tell = listener
}

/**
 * The fields to go on top of a message, with CRLF line ends; empty for one that is not signed.
 *
 * @param fd - a regular file, the message in the form of the queue; a pipe is not signed, because it can be read only once
 * @param facts - of the message
 * @param change - what the message goes through before it is sent; always the same for one message
 * @throws the error of read(2)
 */
export async function signaturesFor(fd: number, facts: FactMap, change?: () => Change): Promise<Buffer> {
  if (!keysExist()) return none
  const stat = fstatSync(fd, { bigint: true })
  if (!stat.isFile()) return none
  const key = `${stat.dev} ${stat.ino} ${stat.size} ${stat.mtimeNs} ${stat.ctimeNs} ${change === undefined}`
  const now = performance.now() / 1000
  const known = kept.get(key)
  if (known !== undefined && known.until > now) return known.fields
  if (kept.size >= keptSignatures) kept.clear()
  const fields = sign(fd, facts, stat, change?.())
  kept.set(key, { fields, until: now + keptSignatureSeconds })
  fields.catch(() => kept.delete(key))
  return fields
}

async function sign(fd: number, facts: FactMap, { ino }: BigIntStats, change?: Change): Promise<Buffer> {
  let decision: Decision | undefined
  const signer = new Signer({
    nowSeconds: nowSeconds(),
    lifetimeSeconds: readNumber('dkimexpire', dkimLifetimeSeconds),
    keysFor: async (fields) => {
      const warning = refusedNext(fields, facts)
      if (warning !== undefined) tell(`dmarc: ${ino}: ${warning}`)
      decision = await decide(fields, facts)
      return decision !== undefined && 'keys' in decision ? decision.keys : []
    },
  })
  const sealer = sealerFor(facts)
  const take = (bytes: Buffer): void => {
    signer.push(bytes)
    if (sealer?.isIdle === false) sealer.push(bytes)
  }
  const encoder = new DataEncoder('as they are')
  for (let position = 0; ; ) {
    if (position > 0) await setImmediate()
    const length = readSync(fd, piece, 0, piece.length, position)
    if (length === 0) break
    const bytes = piece.subarray(0, length)
    take(encoder.encode(change?.push(bytes) ?? bytes))
    position += length
    if ((await signer.decided)?.length === 0 && sealer?.isIdle !== false) break
  }
  if (change !== undefined) take(encoder.encode(change.finish()))
  const end = encoder.end()
  if (end !== undefined) take(end)
  const seal = sealer?.isIdle === false ? await sealer.end() : ''
  if (seal !== '') tell(`arc: ${ino} sealed`)
  const fields = seal + (await signer.end())
  if (decision !== undefined) for (const line of linesOf(ino, decision)) tell(line)
  return Buffer.from(fields, 'latin1')
}

function linesOf(number: bigint, decision: Decision): string[] {
  const problems = decision.problems.map((problem) => `dkim: ${problem}`)
  if ('unsigned' in decision) return [...problems, `dkim: ${number} not signed: ${decision.unsigned}`]
  const selectors = decision.keys.map(({ selector }) => selector).join('+')
  return [...problems, `dkim: ${number} d=${decision.keys[0]?.domain} s=${selectors}`]
}
