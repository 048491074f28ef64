/** A suite file, as its authors wrote it: cases with what goes in and what must come out. test/suites/README.md has the form. */
import { readFileSync } from 'node:fs'
import { type Ask, answersOf } from '@yabumi/zonefile'

/** Values come from outside: each kind knows what its own are. */
export type Values = Readonly<Record<string, unknown>>

export interface Case {
  readonly id: string
  readonly input: Values
  readonly expect: Values
  readonly zone?: string
  /** Why no result of it counts as a failure. */
  readonly disputed?: string | boolean
  readonly [more: string]: unknown
}

export interface Suite {
  readonly suite: string
  readonly kind: string
  readonly zones?: Readonly<Record<string, Values>>
  readonly cases: readonly Case[]
}

/** What a kind says of a case: nothing if it is right, what is wrong, or that the product has no such thing yet. */
export type Outcome = string | undefined | { readonly skipped: string }

/** Runs one case of a kind. */
export type Kind = (one: Case, suite: Suite) => Promise<Outcome> | Outcome

export interface Counts {
  passed: number
  disputed: number
  failed: number
  skipped: number
}

export function readSuite(file: string): Suite {
  return JSON.parse(readFileSync(file, 'utf8')) as Suite
}

/** Bytes are written as strings of one character a byte. */
export function bytesOf(text: unknown): Buffer {
  return Buffer.from(text as string, 'latin1')
}

/** The zone that a case sees, which may be empty. */
export function zoneOf(one: Case, suite: Suite): Values {
  return one.zone === undefined ? {} : (suite.zones?.[one.zone] ?? {})
}

export function askIn(one: Case, suite: Suite): Ask {
  return answersOf(zoneOf(one, suite))
}

/** Whether a result is one of those that are right: one, or a list of them. */
export function isAmong(result: unknown, expected: unknown): boolean {
  return [expected].flat().includes(result)
}

/**
 * Run the cases of a suite, one after the other.
 *
 * @param say - told of each case that is not right, and of what is skipped
 */
export async function runSuite(suite: Suite, kind: Kind | undefined, say: (line: string) => void): Promise<Counts> {
  const counts: Counts = { passed: 0, disputed: 0, failed: 0, skipped: 0 }
  const skipped = new Set<string>()
  for (const one of suite.cases) {
    const outcome = kind === undefined ? { skipped: `there is nothing to run kind ${suite.kind} with` } : await run(kind, one, suite)
    if (typeof outcome === 'object') {
      counts.skipped += 1
      skipped.add(outcome.skipped)
    } else if (outcome === undefined) counts.passed += 1
    else {
      const disputed = one.disputed !== undefined && one.disputed !== false
      counts[disputed ? 'disputed' : 'failed'] += 1
      say(`${suite.suite}: ${one.id}: ${disputed ? 'disputed' : 'FAILED'}: ${outcome}`)
    }
  }
  for (const reason of skipped) say(`${suite.suite}: skipped: ${reason}`)
  return counts
}

async function run(kind: Kind, one: Case, suite: Suite): Promise<Outcome> {
  try {
    return await kind(one, suite)
  } catch (error) {
    return error instanceof Error ? (error.stack ?? error.message) : String(error)
  }
}
