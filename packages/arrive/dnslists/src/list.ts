/**
 * Lines of control/dnsbllist, dnswllist and rhsbllist: `ZONE`, `ZONE:=127.0.0.2-11`, `ZONE:=127.0.0.2,127.0.0.4-7:0.5`.
 *
 * After `=` stand the answers that count, ranges in their last number; without, all of 127.0.0.0/8. At the end stands
 * the weight, 1 without.
 */
import { lowerCase } from '@yabumi/address'

/** Answers from `from` to `to`, as 32-bit numbers. */
interface Range {
  readonly from: number
  readonly to: number
}

export interface DnsList {
  /** What is asked; it may hold a key. */
  readonly zone: string
  /** What others may see. */
  readonly name: string
  readonly ranges: readonly Range[]
  readonly weight: number
}

const line = /^([a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63}){1,9})(?::=([0-9.,-]{7,200}))?(?::([0-9]{1,3}(?:\.[0-9]{1,3})?))?$/
const octet = 256
const loopback = { from: addressNumber('127.0.0.0') as number, to: addressNumber('127.255.255.255') as number }
/** How lists say that they do not answer the resolver that asks (Spamhaus and others): nothing is listed by that. */
const refused = { from: addressNumber('127.255.255.0') as number, to: addressNumber('127.255.255.255') as number }
/** A first label that is as long is no name but a key, as data query services have it. */
const key = /^[a-z0-9]{20,63}\.(?=.+\.)/

/** @returns undefined if it is no such line */
export function parseList(text: string): DnsList | undefined {
  const [, zone, answers, weight] = line.exec(lowerCase(text)) ?? []
  if (zone === undefined) return undefined
  const ranges = answers === undefined ? [loopback] : answers.split(',').map(rangeOf)
  if (ranges.some((range) => range === undefined)) return undefined
  return { zone, name: zone.replace(key, ''), ranges: ranges.filter((range) => range !== undefined), weight: Number(weight ?? 1) }
}

/** What an answer of a list says: `listed`; `refused`, that it does not want to answer us; `odd`, what no list answers; or nothing that counts. */
export function readAnswer(address: string, { ranges }: Pick<DnsList, 'ranges'>): 'listed' | 'refused' | 'odd' | 'other' {
  const number = addressNumber(address)
  if (number === undefined || !within(number, loopback)) return 'odd'
  if (within(number, refused)) return 'refused'
  return ranges.some((range) => within(number, range)) ? 'listed' : 'other'
}

function rangeOf(text: string): Range | undefined {
  const [, first, last] = /^([0-9.]+)(?:-([0-9]{1,3}))?$/.exec(text) ?? []
  const from = first === undefined ? undefined : addressNumber(first)
  if (from === undefined || !within(from, loopback)) return undefined
  if (last === undefined) return { from, to: from }
  const to = from - (from % octet) + Number(last)
  return Number(last) < octet && to >= from ? { from, to } : undefined
}

function within(number: number, { from, to }: Range): boolean {
  return number >= from && number <= to
}

/** @returns undefined if it is no IPv4 address */
function addressNumber(text: string): number | undefined {
  const parts = /^([0-9]{1,3})\.([0-9]{1,3})\.([0-9]{1,3})\.([0-9]{1,3})$/.exec(text)?.slice(1).map(Number)
  return parts?.every((part) => part < octet) ? parts.reduce((sum, part) => sum * octet + part, 0) : undefined
}
