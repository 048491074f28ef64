/**
 * What the lists say of a client and its domains, all asked at once.
 *
 * Trouble and time-outs list nobody. Answers are kept by package dns, as long as the list says.
 */
import { ask } from '@yabumi/dns'
import { dnsListSeconds, replyTextBytes } from '@yabumi/limits'
import { printable } from '@yabumi/printable'
import type { Ask } from './ask.ts'
import { type DnsList, readAnswer } from './list.ts'
import { askableDomain, reversed } from './questions.ts'
import type { DnsLists } from './settings.ts'
import { Standing } from './standing.ts'

/** Whom the lists are asked about; byte strings. */
export interface Suspect {
  readonly address: string
  /** What it calls itself, is called, and sends for; what is no domain does not count. */
  readonly domains: readonly string[]
}

export interface ListVerdict {
  /** A list of dnswllist has it: nothing else counts. */
  readonly passedBy: string | undefined
  /** The weights of the lists that have it; from 1 on it is refused. */
  readonly score: number
  /** Of the heaviest list that has it: its name, and what it says of that. */
  readonly list: string
  readonly text: string
}

interface Hit {
  readonly list: DnsList
  readonly question: string
}

const unlisted: ListVerdict = { passedBy: undefined, score: 0, list: '', text: '' }

export class ListJudge {
  readonly #ask: Ask
  readonly #standing: Standing

  /** @param log - is told of lists that do not count */
  constructor(log: (line: string) => void, asker: Ask = ask) {
    this.#ask = asker
    this.#standing = new Standing(asker, log)
  }

  /** Never rejects. */
  async judge({ address, domains }: Suspect, { blocking, passing, domains: domainLists }: DnsLists): Promise<ListVerdict> {
    const labels = reversed(address)
    const names = [...new Set(domains.flatMap((domain) => askableDomain(domain) ?? []))]
    const ofAddress = (lists: readonly DnsList[]): Promise<Hit | undefined>[] =>
      labels === undefined ? [] : lists.map((list) => this.#inTime(this.#look(list, 'addresses', [labels])))
    const ofDomains = names.length === 0 ? [] : domainLists.map((list) => this.#inTime(this.#look(list, 'domains', names)))
    const [passed, listed] = await Promise.all([Promise.all(ofAddress(passing)), Promise.all([...ofAddress(blocking), ...ofDomains])])
    const pass = passed.find((hit) => hit !== undefined)
    if (pass !== undefined) return { ...unlisted, passedBy: pass.list.name }
    const hits = listed.filter((hit) => hit !== undefined).sort((one, other) => other.list.weight - one.list.weight)
    const [first] = hits
    if (first === undefined) return unlisted
    const score = hits.reduce((sum, { list }) => sum + list.weight, 0)
    const text = await this.#inTime(this.#text(first))
    return { passedBy: undefined, score, list: first.list.name, text: text ?? '' }
  }

  /** @returns the first of the names that the list has */
  async #look(list: DnsList, kind: 'addresses' | 'domains', names: readonly string[]): Promise<Hit | undefined> {
    const questions = names.map((name) => `${name}.${list.zone}`)
    const [counts, ...answers] = await Promise.all([
      this.#standing.counts(list, kind),
      ...questions.map((question) => this.#ask(question, 'A')),
    ])
    if (!counts) return undefined
    for (const [index, answer] of answers.entries()) {
      if (answer.kind !== 'found') continue
      const said = answer.records.map((record) => readAnswer(record, list))
      if (said.includes('refused')) this.#standing.doubt(list, kind, 'it does not answer this resolver')
      else if (said.includes('odd')) this.#standing.doubt(list, kind, 'it answers what no list answers')
      else if (said.includes('listed')) return { list, question: questions[index] as string }
    }
    return undefined
  }

  async #text({ question, list }: Hit): Promise<string> {
    const answer = await this.#ask(question, 'TXT')
    const text = answer.kind === 'found' ? (answer.records[0] ?? '') : ''
    return printable(text.replaceAll(list.zone, list.name), '?').slice(0, replyTextBytes)
  }

  async #inTime<T>(work: Promise<T>): Promise<T | undefined> {
    const { promise, resolve } = Promise.withResolvers<undefined>()
    const timer = setTimeout(() => resolve(undefined), 1000 * dnsListSeconds)
    const first = await Promise.race([work, promise])
    clearTimeout(timer)
    return first
  }
}
