/**
 * See which keys the DNS has, and change their states by that: a key that is seen signs, the one before it retires.
 *
 * A key never signs while its record is known to be missing. The first key of a domain signs as soon as it is seen:
 * nobody can have asked for it before. One that takes the place of another must have been there for as long as others
 * may keep the record of that one. Whoever saw the zone as it was has forgotten it then.
 */
import { readNumber } from '@yabumi/control'
import { type DomainKey, findPublished, keptSeconds, readDomainKeys, type State, zoneLine } from '@yabumi/dkimkeys'
import { dkimLifetimeSeconds, dkimSeenSeconds, queueLifetimeSeconds } from '@yabumi/limits'
import { writeState } from './files.ts'

/** What is to be said of a domain's keys; whether somebody has to do something. */
export interface Findings {
  readonly lines: string[]
  isFine: boolean
}

interface Seen extends DomainKey {
  readonly key: NonNullable<DomainKey['key']>
  readonly published: boolean | undefined
  /** Seconds for which others may keep its record. */
  readonly kept: number
}

/** @param now - seconds since 1970 */
export async function checkDomain(domain: string, now: number): Promise<Findings> {
  const findings: Findings = { lines: [], isFine: true }
  const all = readDomainKeys(domain)
  for (const { problem } of all) if (problem !== undefined) complain(findings, problem)
  const seen = await Promise.all(
    all.flatMap(async (one): Promise<Seen[]> => {
      const { key, state } = one
      if (key === undefined) return []
      const published = state === 'retired' ? undefined : isThere(await findPublished({ ...one, key }))
      const kept = state === 'active' ? await keptSeconds(one) : undefined
      return [{ ...one, key, published, kept: kept ?? dkimSeenSeconds }]
    }),
  )
  for (const kind of ['rsa', 'ed25519'])
    new Succession(
      seen.flat().filter(({ key }) => key.asymmetricKeyType === kind),
      now,
      findings,
    ).settle()
  return findings
}

/** The keys of one kind, of which one follows the other. */
class Succession {
  readonly #states: Map<Seen, State>
  readonly #now: number
  readonly #findings: Findings

  constructor(keys: readonly Seen[], now: number, findings: Findings) {
    this.#states = new Map(keys.map((one) => [one, one.state]))
    this.#now = now
    this.#findings = findings
  }

  settle(): void {
    for (const one of this.#in('active')) {
      if (one.published !== false) continue
      this.#change(one, 'new', 'its record is not in the DNS')
      this.#findings.isFine = false
    }
    const keepSeconds = readNumber('dkimexpire', dkimLifetimeSeconds) + readNumber('queuelifetime', queueLifetimeSeconds)
    for (const one of this.#in('retiring')) {
      if (this.#now - one.since >= keepSeconds) this.#change(one, 'retired', 'remove its record, or leave it there with an empty p=')
    }
    for (const one of this.#in('new').toReversed()) {
      if (!this.#in('active').some(({ selector }) => selector > one.selector)) this.#look(one)
    }
    if (this.#in('active').length > 0) return
    const last = this.#in('retiring').findLast(({ published }) => published === true)
    if (last !== undefined) this.#change(last, 'active', 'no newer key is in the DNS')
  }

  /** A new key that no newer one is active beside. */
  #look(one: Seen): void {
    const { domain, selector, key, published } = one
    if (published === undefined) complain(this.#findings, `${domain}: the DNS does not answer about ${selector}`)
    else if (!published) complain(this.#findings, `${domain}: ${selector} is not in the DNS; publish\n${zoneLine(domain, selector, key)}`)
    else this.#admit(one)
  }

  /** A new key that is in the DNS. */
  #admit(one: Seen): void {
    const before = this.#in('active')
    const waits = Math.max(0, ...before.map(({ kept }) => kept)) - (this.#now - (one.seenAt ?? this.#now))
    const isRipe = waits <= 0
    if (isRipe && readNumber('dkimautoactivate', 1) !== 0) {
      this.#change(one, 'active', 'its record is in the DNS')
      for (const old of before) this.#change(old, 'retiring', `${one.selector} takes its place`)
      return
    }
    if (one.seenAt === undefined) writeState(one.domain, one.selector, 'new', one.since, this.#now)
    this.#findings.lines.push(
      `${one.domain}: ${one.selector} is in the DNS; ${isRipe ? 'activate it' : `it signs in ${Math.ceil(waits / 60)} minutes`}`,
    )
  }

  #in(state: State): Seen[] {
    return [...this.#states].flatMap(([one, now]) => (now === state ? [one] : []))
  }

  #change(one: Seen, state: State, why: string): void {
    this.#states.set(one, state)
    writeState(one.domain, one.selector, state, this.#now, state === 'new' ? undefined : (one.seenAt ?? this.#now))
    this.#findings.lines.push(`${one.domain}: ${one.selector} is ${state} now: ${why}`)
  }
}

/** @returns undefined where the DNS does not answer */
function isThere(found: Awaited<ReturnType<typeof findPublished>>): boolean | undefined {
  return found === 'unknown' ? undefined : found === 'this'
}

function complain(findings: Findings, line: string): void {
  findings.lines.push(line)
  findings.isFine = false
}
