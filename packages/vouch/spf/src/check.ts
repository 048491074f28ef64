/**
 * Whether a host may send for a domain (RFC 7208 §4).
 *
 * Bound   terms that ask, empty answers, names of a host, bytes of answers, seconds: package `limits`
 * Trust   believes nothing that the DNS says, beyond that it speaks for the domain; an explanation is printable
 *         ASCII, and short
 */
import { asciiDomain, isAscii } from '@yabumi/address'
import type { Answer, Records } from '@yabumi/dns'
import { spfAnswerBytes, spfExplanationBytes, spfNames, spfSeconds, spfTerms, spfVoidAnswers } from '@yabumi/limits'
import { type Address, addressOf, isWithin } from './address.ts'
import { type DomainSpec, expandMacros, expandName, readMacros, type Values } from './macro.ts'
import { type Directive, isSpfRecord, type Qualifier, readSpfRecord } from './record.ts'

/** Words of RFC 7208 §2.6. */
export type SpfResult = 'none' | 'neutral' | 'pass' | 'fail' | 'softfail' | 'temperror' | 'permerror'

/** Who sends. */
export interface SpfClient {
  /** IPv4 or IPv6. */
  readonly ip: string
  readonly helo: string
  /** The envelope's; where it is empty, the name of HELO is asked about. */
  readonly sender: string
}

export interface SpfOptions {
  /** As ask() of package dns. Never throws. */
  readonly ask: <T extends 'A' | 'AAAA' | 'MX' | 'PTR' | 'TXT'>(name: string, type: T) => Promise<Answer<Records[T]>>
  readonly nowSeconds: number
  /** The host that asks, for explanations. */
  readonly receiver?: string
}

export interface SpfVerdict {
  readonly result: SpfResult
  /** Whose record was asked for. */
  readonly domain: string
  readonly identity: 'mailfrom' | 'helo'
  /** The mechanism that matched, or what is wrong, in words of ours. */
  readonly reason?: string
  /** Why a host may not send, in the domain's words. */
  readonly explanation?: string
  /** The record says `-all` and no more: nobody sends for the domain. */
  readonly sendsNothing?: true
}

/**
 * Ask whether a client may send for the domain of its sender, or for itself. Never throws.
 *
 * @param record - what counts in place of the domain's own record
 */
export async function checkSpf(client: SpfClient, options: SpfOptions, record?: string): Promise<SpfVerdict> {
  const identity = client.sender === '' ? 'helo' : 'mailfrom'
  const sender = identity === 'helo' ? client.helo : client.sender
  const at = sender.lastIndexOf('@')
  const local = at > 0 ? sender.slice(0, at) : 'postmaster'
  const domain = nameInDns(sender.slice(at + 1))
  const address = addressOf(client.ip)
  if (address === undefined || !isHostName(domain)) return { result: 'none', domain, identity, reason: 'there is no domain to ask' }
  const evaluation = new Evaluation({ ...client, address, local, domain }, options)
  return { domain, identity, ...(await withinTime(evaluation.run(domain, record))) }
}

function nameInDns(name: string): string {
  const plain = name.endsWith('.') ? name.slice(0, -1) : name
  return isAscii(plain) ? plain : (asciiDomain(plain) ?? '')
}

/** RFC 7208 §4.3: several labels, each of 1 to 63 bytes; an address in brackets is none. */
function isHostName(name: string): boolean {
  const labels = name.split('.')
  return name.length <= 253 && labels.length > 1 && labels.every((label) => /^[^[\]\s]{1,63}$/.test(label))
}

type Outcome = Pick<SpfVerdict, 'result' | 'reason' | 'explanation' | 'sendsNothing'>

async function withinTime(outcome: Promise<Outcome>): Promise<Outcome> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<Outcome>((resolve) => {
    timer = setTimeout(resolve, spfSeconds * 1000, { result: 'temperror', reason: 'the DNS takes too long' })
  })
  try {
    return await Promise.race([outcome, late])
  } finally {
    clearTimeout(timer)
  }
}

/** Ends an evaluation at once (RFC 7208 §2.6.6, §2.6.7). */
class Stop extends Error {
  readonly result: 'temperror' | 'permerror'
  constructor(result: 'temperror' | 'permerror', reason: string) {
    super(reason)
    this.result = result
  }
}

interface Subject extends SpfClient {
  readonly address: Address
  readonly local: string
  readonly domain: string
}

const meanings: Readonly<Record<Qualifier, SpfResult>> = { '+': 'pass', '-': 'fail', '~': 'softfail', '?': 'neutral' }

/** What a record came to; an explanation is asked for at the end only. */
interface Decision {
  readonly result: SpfResult
  readonly reason?: string
  readonly explain?: () => Promise<string | undefined>
  readonly sendsNothing?: true
}

/** One check: what it has asked counts across all records that lead to each other. */
class Evaluation {
  readonly #subject: Subject
  readonly #options: SpfOptions
  readonly #hostType: 'A' | 'AAAA'
  #terms = 0
  #voids = 0
  #bytes = 0
  #names: Promise<string[]> | undefined

  constructor(subject: Subject, options: SpfOptions) {
    this.#subject = subject
    this.#options = options
    this.#hostType = subject.address.family === 'ip6' ? 'AAAA' : 'A'
  }

  async run(domain: string, own: string | undefined): Promise<Outcome> {
    try {
      const { explain, ...decision } = own === undefined ? await this.#host(domain) : await this.#judge(own, domain)
      const explanation = decision.result === 'fail' ? await explain?.() : undefined
      return { ...decision, ...(explanation === undefined ? {} : { explanation }) }
    } catch (error) {
      if (error instanceof Stop) return { result: error.result, reason: error.message }
      throw error
    }
  }

  /** The record of one domain, and those that it leads to. */
  async #host(domain: string): Promise<Decision> {
    const text = await this.#recordText(domain)
    if (text === undefined) return { result: 'none', reason: `${domain} has no SPF record` }
    return this.#judge(text, domain)
  }

  async #judge(text: string, domain: string): Promise<Decision> {
    const record = readSpfRecord(text)
    if ('problem' in record) throw new Stop('permerror', `the record of ${domain} is wrong: ${record.problem}`)
    if (!record.strict) throw new Stop('permerror', `the record of ${domain} is wrong: a name of one label`)
    for (const directive of record.directives) {
      if (!(await this.#matches(directive, domain))) continue
      const explain = (): Promise<string | undefined> => this.#explain(record.explanation, domain)
      const isOnly = record.directives.length === 1 && directive.name === 'all' && directive.qualifier === '-'
      return { result: meanings[directive.qualifier], reason: directive.text, explain, ...(isOnly ? { sendsNothing: true } : {}) }
    }
    if (record.redirect === undefined) return { result: 'neutral', reason: 'no mechanism matches' }
    this.#countTerm()
    const target = await expandName(record.redirect, this.#values(domain))
    const decision = await this.#host(target)
    if (decision.result === 'none') throw new Stop('permerror', `redirect to ${target}, which has no SPF record`)
    return decision
  }

  async #recordText(domain: string): Promise<string | undefined> {
    const answer = await this.#options.ask(domain, 'TXT')
    if (answer.kind === 'trouble') throw new Stop('temperror', `no answer of the DNS about ${domain}`)
    if (answer.kind !== 'found') return undefined
    this.#bytes += answer.records.reduce((sum, { length }) => sum + length, 0)
    if (this.#bytes > spfAnswerBytes) throw new Stop('permerror', 'too many bytes of records')
    const records = answer.records.filter(isSpfRecord)
    if (records.length > 1) throw new Stop('permerror', `${domain} has several SPF records`)
    return records[0]
  }

  async #matches(directive: Directive, domain: string): Promise<boolean> {
    const { name, network, prefix, target } = directive
    const { address } = this.#subject
    if (name === 'all') return true
    if (network !== undefined) return isWithin(address, network, prefix[name === 'ip4' ? 'in-addr' : 'ip6'])
    this.#countTerm()
    const asked = target === undefined ? domain : await expandName(target, this.#values(domain))
    const isHere = (text: string): boolean => isWithin(address, addressOf(text)?.bits ?? '', prefix[address.family])
    switch (name) {
      case 'include': {
        const { result } = await this.#host(asked)
        if (result === 'none') throw new Stop('permerror', `include of ${asked}, which has no SPF record`)
        return result === 'pass'
      }
      case 'exists':
        return (await this.#find(asked, 'A')).length > 0
      case 'a':
        return (await this.#find(asked, this.#hostType)).some(isHere)
      case 'mx': {
        const hosts = await this.#find(asked, 'MX')
        if (hosts.length > spfNames) throw new Stop('permerror', `${asked} has too many mail hosts`)
        for (const { exchange } of hosts) if ((await this.#addresses(exchange)).some(isHere)) return true
        return false
      }
      default:
        return (await this.#ownNames(true)).some((own) => isIn(own, asked))
    }
  }

  #countTerm(): void {
    this.#terms += 1
    if (this.#terms > spfTerms) throw new Stop('permerror', `more than ${spfTerms} terms ask the DNS`)
  }

  #countVoid(): void {
    this.#voids += 1
    if (this.#voids > spfVoidAnswers) throw new Stop('permerror', `more than ${spfVoidAnswers} terms lead to nothing`)
  }

  async #find<T extends 'A' | 'AAAA' | 'MX'>(name: string, type: T): Promise<readonly Records[T][]> {
    const answer = await this.#options.ask(name, type)
    if (answer.kind === 'trouble') throw new Stop('temperror', `no answer of the DNS about ${name}`)
    if (answer.kind === 'found') return answer.records
    this.#countVoid()
    return []
  }

  /** Those of a mail host; that it has none says nothing about the term. */
  async #addresses(name: string): Promise<readonly string[]> {
    const answer = await this.#options.ask(name, this.#hostType)
    if (answer.kind === 'trouble') throw new Stop('temperror', `no answer of the DNS about ${name}`)
    return answer.kind === 'found' ? answer.records : []
  }

  /** The client's names that lead back to it (RFC 7208 §5.5). Trouble is no name. */
  #ownNames(isTerm: boolean): Promise<string[]> {
    this.#names ??= this.#findOwnNames(isTerm)
    return this.#names
  }

  async #findOwnNames(isTerm: boolean): Promise<string[]> {
    const { address } = this.#subject
    const zone = `${address.dotted.split('.').reverse().join('.')}.${address.family}.arpa`
    const answer = await this.#options.ask(zone, 'PTR')
    if (isTerm && (answer.kind === 'nxdomain' || answer.kind === 'nodata')) this.#countVoid()
    if (answer.kind !== 'found') return []
    const names: string[] = []
    for (const name of answer.records.slice(0, spfNames)) {
      const back = await this.#options.ask(name, this.#hostType)
      if (back.kind === 'found' && back.records.some((text) => addressOf(text)?.bits === address.bits)) names.push(name.replace(/\.$/, ''))
    }
    return names
  }

  async #explain(spec: DomainSpec | undefined, domain: string): Promise<string | undefined> {
    if (spec === undefined) return undefined
    const answer = await this.#options.ask(await expandName(spec, this.#values(domain)), 'TXT')
    if (answer.kind !== 'found' || answer.records.length !== 1) return undefined
    const pieces = readMacros(answer.records[0] as string, true)
    if (pieces === undefined) return undefined
    const text = await expandMacros(pieces, this.#values(domain))
    return text.slice(0, spfExplanationBytes).replace(/[^ -~]/g, '?')
  }

  #values(domain: string): Values {
    const { address, helo, ip, local, domain: ofSender } = this.#subject
    const values: Readonly<Record<string, string>> = {
      s: `${local}@${ofSender}`,
      l: local,
      o: ofSender,
      d: domain,
      i: address.dotted,
      v: address.family,
      h: helo,
      c: address.family === 'in-addr' ? address.dotted : ip.toLowerCase(),
      r: this.#options.receiver ?? 'unknown',
      t: String(Math.floor(this.#options.nowSeconds)),
    }
    return (letter) => values[letter] ?? this.#bestName(domain)
  }

  /** The macro `p`: the domain itself, else a name under it, else any (RFC 7208 §7.3). */
  async #bestName(domain: string): Promise<string> {
    const names = await this.#ownNames(false)
    const same = names.find((name) => name.toLowerCase() === domain.toLowerCase())
    return same ?? names.find((name) => isIn(name, domain)) ?? names[0] ?? 'unknown'
  }
}

function isIn(name: string, domain: string): boolean {
  return `.${name.toLowerCase()}`.endsWith(`.${domain.toLowerCase()}`)
}
