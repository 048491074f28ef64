/**
 * Whether a list is alive, by its test points (RFC 5782 §5). A list of addresses has 127.0.0.2 and has not 127.0.0.1. A
 * list of domains has not `invalid`.
 *
 * A list that has closed often lists the whole world, so that its users notice. Until a list has answered its test it
 * does not count. What is wrong is logged once, and again after it has changed.
 */
import { dnsListTestSeconds, dnsListTroubleSeconds } from '@yabumi/limits'
import type { Ask } from './ask.ts'
import { type DnsList, readAnswer } from './list.ts'

interface Tested {
  readonly until: number
  /** Empty where it counts. */
  readonly fault: string
}

export class Standing {
  readonly #ask: Ask
  readonly #log: (line: string) => void
  readonly #now: () => number
  readonly #tested = new Map<string, Tested>()
  readonly #underWay = new Map<string, Promise<boolean>>()

  /** @param now - milliseconds, as performance.now() */
  constructor(ask: Ask, log: (line: string) => void, now: () => number = () => performance.now()) {
    this.#ask = ask
    this.#log = log
    this.#now = now
  }

  /** Whether a list counts now. Never rejects */
  counts(list: DnsList, kind: 'addresses' | 'domains'): Promise<boolean> {
    const key = `${kind} ${list.zone}`
    const tested = this.#tested.get(key)
    if (tested !== undefined && this.#now() < tested.until) return Promise.resolve(tested.fault === '')
    const underWay = this.#underWay.get(key)
    if (underWay !== undefined) return underWay
    const test = this.#test(list, kind).then((fault) => {
      this.#underWay.delete(key)
      this.#settle(key, list, fault)
      return fault === ''
    })
    this.#underWay.set(key, test)
    return test
  }

  /** An answer that no list should give is a reason to test it anew. */
  doubt(list: DnsList, kind: 'addresses' | 'domains', reason: string): void {
    this.#settle(`${kind} ${list.zone}`, list, reason)
  }

  #settle(key: string, list: DnsList, fault: string): void {
    const before = this.#tested.get(key)?.fault ?? ''
    if (fault !== before) this.#log(`list ${list.name}: ${fault === '' ? 'counts again' : `${fault}; it does not count`}`)
    this.#tested.set(key, { fault, until: this.#now() + 1000 * (fault === '' ? dnsListTestSeconds : dnsListTroubleSeconds) })
  }

  /** @returns what is wrong; empty where nothing is */
  async #test({ zone, ranges }: DnsList, kind: 'addresses' | 'domains'): Promise<string> {
    const [bad, good] = await Promise.all([
      this.#ask(`${kind === 'addresses' ? '1.0.0.127' : 'invalid'}.${zone}`, 'A'),
      kind === 'addresses' ? this.#ask(`2.0.0.127.${zone}`, 'A') : undefined,
    ])
    if (bad.kind === 'trouble' || good?.kind === 'trouble') return 'its test points cannot be asked for'
    const answers = [bad, good].flatMap((answer) => (answer?.kind === 'found' ? answer.records : []))
    const kinds = answers.map((answer) => readAnswer(answer, { ranges }))
    if (kinds.includes('refused')) return 'it does not answer this resolver'
    if (kinds.includes('odd')) return 'it answers what no list answers'
    if (bad.kind === 'found') return `it lists ${kind === 'addresses' ? '127.0.0.1' : 'the domain invalid'}, and so everybody`
    return good === undefined || good.kind === 'found' ? '' : 'it does not list 127.0.0.2, and so nobody'
  }
}
