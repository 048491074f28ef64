/**
 * What is found out about a message: SPF for its client, the signatures and seals on it, and DMARC for its author.
 *
 * Memory  the header; nothing of the body, which passes once
 * Bound   a question to the DNS is asked once; SPF, signatures, seals and DMARC have limits of their own
 */
import { Chain, type ChainVerdict } from '@yabumi/arc'
import { type Verdict, Verifier } from '@yabumi/dkim'
import { checkDmarc, type DmarcVerdict } from '@yabumi/dmarc'
import type { Answer, Records } from '@yabumi/dns'
import { checkSpf, type SpfClient, type SpfVerdict } from '@yabumi/spf'
import type { Ask } from '@yabumi/zonefile'
import { type Author, authorOf } from './author.ts'
import { WireLineEnds } from './lineends.ts'

export interface Judgement {
  readonly spf: SpfVerdict
  readonly dkim: readonly Verdict[]
  readonly arc: ChainVerdict
  readonly dmarc: DmarcVerdict
  /** Different questions that were asked. */
  readonly questions: number
}

export interface JudgeOptions {
  readonly ask: Ask
  readonly nowSeconds: number
  readonly receiver: string
  readonly smallestKeyBits: number
  readonly partialBody: boolean
  readonly weak: boolean
}

/** @param message - with LF or CRLF line ends, in pieces of any size */
export async function judge(message: AsyncIterable<Buffer>, client: SpfClient, options: JudgeOptions): Promise<Judgement> {
  const { ask, questions } = askOnce(options.ask)
  const spfUnderWay = checkSpf(client, { ask, nowSeconds: options.nowSeconds, receiver: options.receiver })
  const common = { ...options, lookUp: (name: string) => ask(name, 'TXT') }
  const chain = new Chain(common)
  let author: Author = authorOf([])
  const verifier = new Verifier({
    ...common,
    companion: {
      takeHeader(fields, hashes) {
        chain.takeHeader(fields, hashes)
        author = authorOf(fields)
      },
    },
  })
  const lineEnds = new WireLineEnds()
  for await (const piece of message) verifier.push(lineEnds.convert(piece))
  const [dkim, arc, spf] = [await verifier.end(), await chain.end(), await spfUnderWay]
  const verified = { dkim: passing(dkim), spf: spf.result === 'pass' ? spf.domain : undefined }
  return { spf, dkim, arc, dmarc: await judgeAuthor(author, verified, ask), questions: questions() }
}

function passing(verdicts: readonly Verdict[]): string[] {
  return verdicts.filter(({ result }) => result === 'pass').map(({ domain }) => domain)
}

async function judgeAuthor(author: Author, verified: Parameters<typeof checkDmarc>[1], ask: Ask): Promise<DmarcVerdict> {
  if ('domain' in author) return checkDmarc(author.domain, verified, { ask })
  return { result: 'permerror', domain: '', spfAligned: false, dkimAligned: false, reason: author.problem }
}

function askOnce(askDns: Ask): { readonly ask: Ask; readonly questions: () => number } {
  const known = new Map<string, Promise<Answer<Records[keyof Records]>>>()
  return {
    ask: (name, type) => {
      const key = `${type} ${name.toLowerCase().replace(/\.$/, '')}`
      const answer = known.get(key) ?? askDns(name, type)
      known.set(key, answer)
      return answer as ReturnType<typeof askDns<typeof type>>
    },
    questions: () => known.size,
  }
}
