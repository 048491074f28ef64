/**
 * What is found out about a message: SPF for its client, the signatures and seals on it, and DMARC for its author.
 *
 * In      the message as it comes, in pieces of any size
 * Memory  the header, up to its limit; nothing of the body, which passes once
 * Bound   a question to the DNS is asked once; SPF, signatures, seals and DMARC have limits of their own, DMARC also
 *         one of time
 */
import { Chain, type ChainVerdict } from '@yabumi/arc'
import { type Verdict, Verifier } from '@yabumi/dkim'
import { checkDmarc, type DmarcVerdict, type Verified } from '@yabumi/dmarc'
import { dmarcSeconds } from '@yabumi/limits'
import { checkSpf, type SpfClient, type SpfVerdict } from '@yabumi/spf'
import type { Ask } from '@yabumi/zonefile'
import { type Author, authorOf } from './author.ts'
import { WireLineEnds } from './lineends.ts'
import { saysList } from './list.ts'
import { Questions } from './questions.ts'

export interface Judgement {
  readonly spf: SpfVerdict
  readonly dkim: readonly Verdict[]
  readonly arc: ChainVerdict
  readonly dmarc: DmarcVerdict
  /** Whose it says it is. */
  readonly author: Author
  /** Whether it says that it came by a mailing list. */
  readonly saysList: boolean
  /** Different questions that were asked. */
  readonly questions: number
}

export interface JudgeOptions {
  readonly ask: Ask
  readonly nowSeconds: number
  readonly receiver: string
  readonly smallestKeyBits: number
  readonly partialBody: boolean
  /** Let count what no longer does (package dkim). */
  readonly weak: boolean
}

/** Judges one message. push() it, then end(). */
export class Judge {
  readonly #questions: Questions
  readonly #spf: Promise<SpfVerdict>
  readonly #chain: Chain
  readonly #verifier: Verifier
  readonly #lineEnds: WireLineEnds
  #author: Author = authorOf([])
  #saysList = false

  /**
   * @param client - or what came of SPF for it, where that was asked before
   * @param lineEnds - `queue`: each LF ends a line, and a CR before it belongs to the line; `any`: CRLF is one line end
   */
  constructor(
    client: SpfClient | Promise<SpfVerdict>,
    options: JudgeOptions,
    lineEnds: 'queue' | 'any',
    questions: Questions = new Questions(options.ask),
  ) {
    const { ask } = questions
    const common = { ...options, lookUp: (name: string) => ask(name, 'TXT') }
    this.#questions = questions
    this.#spf = client instanceof Promise ? client : checkSpf(client, { ...options, ask })
    this.#lineEnds = new WireLineEnds(lineEnds)
    this.#chain = new Chain(common)
    this.#verifier = new Verifier({
      ...common,
      companion: {
        takeHeader: (fields, hashes) => {
          this.#chain.takeHeader(fields, hashes)
          this.#author = authorOf(fields)
          this.#saysList = saysList(fields ?? [])
        },
      },
    })
  }

  push(bytes: Buffer): void {
    this.#verifier.push(this.#lineEnds.convert(bytes))
  }

  /** The message has ended. Never rejects */
  async end(): Promise<Judgement> {
    const [dkim, arc, spf] = [await this.#verifier.end(), await this.#chain.end(), await this.#spf]
    const verified = { dkim: passing(dkim), spf: spf.result === 'pass' ? spf.domain : undefined }
    const dmarc = await judgeAuthor(this.#author, verified, this.#questions.ask)
    return { spf, dkim, arc, dmarc, author: this.#author, saysList: this.#saysList, questions: this.#questions.count }
  }
}

/** @param message - with LF or CRLF line ends */
export async function judge(message: AsyncIterable<Buffer>, client: SpfClient, options: JudgeOptions): Promise<Judgement> {
  const judge = new Judge(client, options, 'any')
  for await (const piece of message) judge.push(piece)
  return judge.end()
}

function passing(verdicts: readonly Verdict[]): string[] {
  return verdicts.filter(({ result }) => result === 'pass').map(({ domain }) => domain)
}

const nothingAligned = { spfAligned: false, dkimAligned: false } as const

async function judgeAuthor(author: Author, verified: Verified, ask: Ask): Promise<DmarcVerdict> {
  if ('problem' in author) return { ...nothingAligned, result: 'permerror', domain: '', reason: author.problem }
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<DmarcVerdict>((resolve) => {
    const verdict = { ...nothingAligned, result: 'temperror', domain: author.domain, reason: 'the DNS takes too long' } as const
    timer = setTimeout(resolve, dmarcSeconds * 1000, verdict)
  })
  try {
    return await Promise.race([checkDmarc(author.domain, verified, { ask }), late])
  } finally {
    clearTimeout(timer)
  }
}
