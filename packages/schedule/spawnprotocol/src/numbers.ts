/**
 * How delivery numbers travel: in one byte, as qmail has it, or in two, low then high ("big concurrency", spec §11).
 *
 * Two bytes travel only between a send and a spawn program that both know. start gives both of them the argument
 * `--wide-numbers`, which qmail's spawn programs do not look at. A spawn program of ours that got it greets with its
 * limit in two bytes too, and takes care that the low one is zero. No greeting of qmail's programs is a zero byte, so
 * send knows from the first byte whom it has.
 */
import { readFileSync } from 'node:fs'
import { spawnDeliveries, wideSpawnDeliveries } from '@yabumi/limits'

/** Bytes of a delivery number. */
export type NumberWidth = 1 | 2

/** The argument that asks for wide numbers. */
export const wideNumbers = '--wide-numbers'

const narrowest = 255 // what qmail's programs can count to at most

/** Whether so many deliveries at once, by channel, ask for wide numbers. */
export function wantsWideNumbers(concurrencies: readonly number[]): boolean {
  return Math.max(...concurrencies) > narrowest
}

/** Wide limits are a multiple of this: the low byte is zero. */
const wideStep = 256
const descriptorsPerDelivery = 3 // the message, a connection, and one for what comes and goes
const descriptorsBeside = 256

/** What a spawn program says at its start: how wide its numbers are, and how many deliveries it takes at once. */
export interface Greeting {
  readonly width: NumberWidth
  readonly limit: number
}

/**
 * The greeting of a spawn program with these arguments: narrow unless it was asked for more, and may open the files.
 *
 * @param args - its command line
 */
export function greetingFor(args: readonly string[]): Greeting {
  const wide = args.includes(wideNumbers) ? wideLimit(openFiles()) : 0
  return wide === 0 ? { width: 1, limit: spawnDeliveries } : { width: 2, limit: wide }
}

/** Deliveries at once with so many descriptors; 0 if they are too few for wide numbers. */
export function wideLimit(descriptors: number): number {
  const most = Math.min((descriptors - descriptorsBeside) / descriptorsPerDelivery, wideSpawnDeliveries)
  return Math.max(Math.floor(most / wideStep), 0) * wideStep
}

/** Descriptors that this process may have. */
function openFiles(): number {
  try {
    return Number(/^Max open files +(\d+)/m.exec(readFileSync('/proc/self/limits', 'latin1'))?.[1] ?? 0)
  } catch {
    return 0
  }
}

export function encodeGreeting({ width, limit }: Greeting): Buffer {
  return width === 1 ? Buffer.from([limit]) : Buffer.from([limit & 0xff, limit >> 8])
}

/** Put a number in front of a record. */
export function writeNumber(record: Buffer, number: number, width: NumberWidth): void {
  record[0] = number
  if (width === 2) record[1] = number >> 8
}

/** Takes the bytes of a number as they come. */
export class NumberReader {
  readonly #width: NumberWidth
  #taken = 0
  value = 0

  constructor(width: NumberWidth) {
    this.#width = width
  }

  get isWhole(): boolean {
    return this.#taken === this.#width
  }

  take(byte: number): void {
    this.value += byte << (8 * this.#taken)
    this.#taken += 1
  }

  /** The next byte begins another number. */
  clear(): void {
    this.#taken = 0
    this.value = 0
  }
}
