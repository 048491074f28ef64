/**
 * The file yabumi-imap/index of a mailbox (spec §26.6): what was known of its messages when it was closed.
 *
 * It holds what file names cannot: modseqs, dates, sizes, keywords beyond the letters, what was expunged. It may be
 * removed at any time.
 *
 * Crash  nothing is synced: a torn file has a wrong checksum, and counts as none. Modseqs then begin after all that
 *        were used (modseq.ts)
 * Guard  UIDVALIDITY, and of each message a checksum of its base: of another dovecot-uidlist nothing is believed
 */
import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { crc32 } from 'node:zlib'
import { removeQuietly } from '@yabumi/files'
import { baseOf } from './filename.ts'
import type { Gone } from './history.ts'
import { search, type Table } from './table.ts'

/** What is kept of one message. */
export interface PastRow {
  readonly flags: number
  readonly keywords: number
  readonly further: number
  readonly modseq: number
  readonly size: number
  readonly wireSize: number
  readonly date: number
  readonly saved: number
}

/** What is kept of the mailbox. */
export interface PastFacts {
  readonly uidValidity: number
  readonly modseq: number
  readonly firstRecent: number
  readonly historySince: number
  readonly gone: readonly Gone[]
  readonly further: readonly string[]
}

const columns = ['flags', 'keywords', 'further', 'modseq', 'size', 'wireSize', 'date', 'saved'] as const
const magic = 'yabumi-index 1\n'
const rowBytes = 4 + 4 + columns.length * 8

/** What an index said, to be taken message by message. */
export class Past {
  readonly facts: PastFacts
  readonly #uids: Uint32Array
  readonly #checks: Uint32Array
  readonly #numbers: Float64Array
  readonly #taken: Uint8Array

  constructor(facts: PastFacts, count: number, rows: Buffer) {
    const bytes = new Uint8Array(rows).buffer // aligned
    this.facts = facts
    this.#numbers = new Float64Array(bytes, 0, count * columns.length)
    this.#uids = new Uint32Array(bytes, count * columns.length * 8, count)
    this.#checks = new Uint32Array(bytes, count * (columns.length * 8 + 4), count)
    this.#taken = new Uint8Array(count)
  }

  /** What was known of a message. Undefined if nothing was, or if it was another message. */
  take(uid: number, base: string): PastRow | undefined {
    const at = search(this.#uids, this.#uids.length, uid)
    if (at < 0 || this.#checks[at] !== checkOf(base)) return undefined
    this.#taken[at] = 1
    const row = columns.map((name, column) => [name, this.#numbers[at * columns.length + column] as number])
    return Object.fromEntries(row) as unknown as PastRow
  }

  /** UIDs that nobody has taken, ascending: their messages are gone. */
  left(): number[] {
    return Array.from(this.#uids.filter((_, at) => this.#taken[at] === 0))
  }
}

/** @param directory - yabumi-imap of the mailbox. @returns undefined where nothing can be believed */
export function readPast(directory: string, uidValidity: number): Past | undefined {
  try {
    const file = readFileSync(`${directory}/index`)
    if (file.toString('latin1', 0, magic.length) !== magic) return undefined
    const head = magic.length
    if (crc32(file.subarray(head + 4)) !== file.readUInt32LE(head)) return undefined
    const [factsBytes, count] = [file.readUInt32LE(head + 4), file.readUInt32LE(head + 8)]
    const rows = head + 12 + factsBytes
    const facts = JSON.parse(file.toString('utf8', head + 12, rows)) as PastFacts // the checksum says that we wrote it
    if (facts.uidValidity !== uidValidity || file.length !== rows + count * rowBytes) return undefined
    return new Past(facts, count, file.subarray(rows))
  } catch {
    return undefined
  }
}

/** Write what is known now. That it cannot be written is no trouble: the next one looks itself. */
export function writePast(directory: string, facts: PastFacts, table: Table): void {
  const { count } = table
  const uids = table.uids()
  const numbers = new Float64Array(count * columns.length)
  const checks = new Uint32Array(count)
  for (let at = 0; at < count; at += 1) {
    checks[at] = checkOf(baseOf(table.nameAt(at)))
    columns.forEach((name, column) => {
      numbers[at * columns.length + column] = table.get(name, at)
    })
  }
  const text = Buffer.from(JSON.stringify(facts))
  const lengths = Buffer.alloc(8)
  lengths.writeUInt32LE(text.length, 0)
  lengths.writeUInt32LE(count, 4)
  const body = Buffer.concat([
    lengths,
    text,
    ...[numbers, uids, checks].map(({ buffer, byteLength }) => Buffer.from(buffer, 0, byteLength)),
  ])
  const sum = Buffer.alloc(4)
  sum.writeUInt32LE(crc32(body))
  const temporary = `${directory}/index.${process.pid}`
  try {
    writeFileSync(temporary, Buffer.concat([Buffer.from(magic), sum, body]), { mode: 0o600 })
    renameSync(temporary, `${directory}/index`)
  } catch {
    removeQuietly(temporary)
  }
}

function checkOf(base: string): number {
  return crc32(Buffer.from(base, 'latin1'))
}
