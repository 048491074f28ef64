/** What lists in the DNS say of one client, asked once for each name that it gives itself and each sender. */
import type { DnsLists, ListJudge, ListVerdict } from '@yabumi/dnslists'
import type { Question } from './recipientcheck.ts'
import type { Client } from './wire.ts'

/** Weights of lists that are enough to refuse. */
const enough = 1

export class ListQuestions {
  readonly #client: Client
  readonly #judge: () => Promise<ListJudge>
  #asked = ''
  #verdict: Promise<ListVerdict> | undefined

  /** @param judge - loads it: most homes need none */
  constructor(client: Client, judge: () => Promise<ListJudge>) {
    this.#client = client
    this.#judge = judge
  }

  /** @returns the reply that refuses; undefined without. Never rejects */
  async ask({ helo = '', sender }: Omit<Question, 'recipient'>, lists: DnsLists): Promise<string | undefined> {
    const { score, list, text } = await this.verdict(helo, sender, lists)
    if (score < enough) return undefined
    return `554 blocked using ${text === '' ? list : `${list}: ${text}`} (#5.7.1)\r\n`
  }

  /** Asked once for each HELO and sender. */
  verdict(helo: string, sender: string, lists: DnsLists): Promise<ListVerdict> {
    const question = `${helo} ${sender}`
    if (this.#verdict === undefined || this.#asked !== question) {
      this.#asked = question
      this.#verdict = this.#look([helo, sender.slice(sender.lastIndexOf('@') + 1)], lists)
    }
    return this.#verdict
  }

  async #look(domains: readonly string[], lists: DnsLists): Promise<ListVerdict> {
    const judge = await this.#judge()
    const name = lists.domains.length > 0 ? [await this.#client.remoteHost] : []
    return judge.judge({ address: this.#client.remoteAddress, domains: [...domains, ...name] }, lists)
  }
}
