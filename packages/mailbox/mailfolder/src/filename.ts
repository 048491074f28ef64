/**
 * Names of messages in new/ and cur/: `BASE[,S=size][,W=size][:2,LETTERS]` (spec §26.2).
 *
 * The base, all before the first colon, is who a message is. The letters that follow the last colon are its flags
 * (D F R S T), and its keywords (a to z). Letters of others stay. All names are byte strings (latin1).
 */
import { randomBytes } from 'node:crypto'
import { hostname } from 'node:os'

/** System flags of a message, as bits. */
export const flagBits = { draft: 1, flagged: 2, answered: 4, seen: 8, deleted: 16 } as const

const letters = 'DFRST' // in the order of the bits

/** The base of a file name: who the message is. */
export function baseOf(name: string): string {
  const colon = name.indexOf(':')
  return colon === -1 ? name : name.slice(0, colon)
}

/** What the letters of a file name say. */
export interface Marks {
  /** Bits of `flagBits`. */
  readonly flags: number
  /** A bit for each keyword letter; a is 1. */
  readonly keywords: number
}

export function marksOf(name: string): Marks {
  let [flags, keywords] = [0, 0]
  for (const letter of lettersOf(name).own) {
    const at = letters.indexOf(letter)
    if (at !== -1) flags |= 1 << at
    else if (letter >= 'a' && letter <= 'z') keywords |= 1 << (letter.charCodeAt(0) - 97)
  }
  return { flags, keywords }
}

export function sameMarks(a: Marks, b: Marks): boolean {
  return a.flags === b.flags && a.keywords === b.keywords
}

/** The name that the same file gets with other marks. Letters that are nobody's flag stay, and so does what follows a second comma. */
export function markedName(name: string, { flags, keywords }: Marks): string {
  const { own, rest } = lettersOf(name)
  const others = [...own].filter((letter) => !letters.includes(letter) && !(letter >= 'a' && letter <= 'z'))
  const set = [...letters].filter((_, at) => (flags & (1 << at)) !== 0)
  const named = Array.from({ length: 26 }, (_, at) => String.fromCharCode(97 + at)).filter((_, at) => (keywords & (1 << at)) !== 0)
  const info = name.lastIndexOf(':')
  const stem = info !== -1 && name.startsWith('2,', info + 1) ? name.slice(0, info) : baseOf(name)
  return `${stem}:2,${[...new Set([...others, ...set, ...named])].sort().join('')}${rest}`
}

function lettersOf(name: string): { own: string; rest: string } {
  const colon = name.lastIndexOf(':')
  if (colon === -1 || !name.startsWith('2,', colon + 1)) return { own: '', rest: '' }
  const comma = name.indexOf(',', colon + 3)
  return comma === -1 ? { own: name.slice(colon + 3), rest: '' } : { own: name.slice(colon + 3, comma), rest: name.slice(comma) }
}

/** The size that a base name tells, of the file (S) or of the message with CRLF (W); -1 if it tells none. */
export function sizeIn(base: string, key: 'S' | 'W'): number {
  const at = base.indexOf(`,${key}=`)
  if (at === -1) return -1
  const digits = /^[0-9]{1,15}(?=,|$)/.exec(base.slice(at + 3))?.[0]
  return digits === undefined ? -1 : Number(digits)
}

/** The same of a message, whose record in dovecot-uidlist may tell it instead. */
export function toldSize(base: string, inRecord: string | undefined, key: 'S' | 'W'): number {
  const inName = sizeIn(base, key)
  return inName === -1 && inRecord !== undefined && /^[0-9]{1,15}$/.test(inRecord) ? Number(inRecord) : inName
}

/** The order in which messages that have no UID yet get theirs: by second, then microsecond, then bytes. */
export function byAge(a: string, b: string): number {
  return secondOf(a) - secondOf(b) || microsecondOf(a) - microsecondOf(b) || (a < b ? -1 : a > b ? 1 : 0)
}

function secondOf(base: string): number {
  return Number(/^[0-9]{1,15}/.exec(base)?.[0] ?? 0)
}

function microsecondOf(base: string): number {
  return Number(/^[^.]*\.M([0-9]{1,15})/.exec(base)?.[1] ?? 0)
}

const life = randomBytes(4).toString('hex')
let count = 0
let host: string | undefined

/** A base name that no Maildir has ever had. @param sizeBytes - of the file, -1 if unknown. @param wireBytes - of the message with CRLF, or -1 */
export function newBase(sizeBytes: number, wireBytes: number): string {
  host ??= hostname().slice(0, 20).replaceAll('/', '\\057').replaceAll(':', '\\072')
  count += 1
  const now = (performance.timeOrigin + performance.now()) * 1000
  const [seconds, micros] = [Math.floor(now / 1_000_000), Math.floor(now % 1_000_000)]
  return `${seconds}.M${micros}P${process.pid}.${life}_${count}.${host}${sizeBytes < 0 ? '' : `,S=${sizeBytes}`}${wireBytes < 0 ? '' : `,W=${wireBytes}`}`
}
