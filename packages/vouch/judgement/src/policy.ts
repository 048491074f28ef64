/**
 * What is to become of a message by what is known of it: RFC 9989 §7, and whose forwarding is believed (RFC 8617 §7.2).
 */
import { readAuthResults } from '@yabumi/authres'
import type { Judgement } from './judgement.ts'

export interface PolicyTerms {
  /** Whether the wishes of authors' domains count. */
  readonly dmarc: boolean
  /** Whether a message needs one From with an address. */
  readonly fromCheck: boolean
  /** Sealers who are believed, in lower case. */
  readonly trustedSealers: ReadonlySet<string>
  /** Whether the operator has exempted this: a domain that has signed or sent it, or `@` and its author's domain. */
  readonly isExcepted: (name: string) => boolean
}

export type Disposition =
  | { readonly action: 'accept'; readonly why?: string }
  | { readonly action: 'quarantine'; readonly why: string }
  | { readonly action: 'reject'; readonly for: 'from' | 'dmarc'; readonly why: string }

/** What to do with a message. */
export function dispositionOf(judgement: Judgement, terms: PolicyTerms): Disposition {
  const { author, dmarc } = judgement
  if ('problem' in author)
    return terms.fromCheck && !author.isTooLong ? { action: 'reject', for: 'from', why: author.problem } : { action: 'accept' }
  const wish = dmarc.policy ?? 'none'
  if (!terms.dmarc || dmarc.result !== 'fail' || wish === 'none') return { action: 'accept' }
  const pardon = pardonOf(judgement, terms)
  if (pardon !== undefined) return { action: 'accept', why: pardon }
  if (wish === 'reject' && !isFromList(judgement)) return { action: 'reject', for: 'dmarc', why: dmarcWords(judgement) }
  return { action: 'quarantine', why: wish === 'reject' ? `a list has passed it on; ${dmarcWords(judgement)}` : dmarcWords(judgement) }
}

function pardonOf(judgement: Judgement, { isExcepted, trustedSealers }: PolicyTerms): string | undefined {
  const named = [`@${judgement.dmarc.domain}`, ...vouchers(judgement)].find(isExcepted)
  if (named !== undefined) return `${named} is an exception`
  const sealer = believedSealer(judgement, trustedSealers)
  return sealer === undefined ? undefined : `${sealer} has sealed that it was authentic`
}

/** Domains that something which passes belongs to. */
function vouchers({ spf, dkim }: Judgement): string[] {
  return [...dkim.filter(({ result }) => result === 'pass').map(({ domain }) => domain), ...(spf.result === 'pass' ? [spf.domain] : [])]
}

/**
 * The sealer who says that the message was its author's when it came there. Every hop after that must be believed, too:
 * whoever seals last can have written anything.
 */
function believedSealer({ arc, dmarc }: Judgement, trusted: ReadonlySet<string>): string | undefined {
  if (arc.result !== 'pass') return undefined
  for (let at = arc.sealers.length - 1; at >= 0; at -= 1) {
    const sealer = arc.sealers[at] as string
    if (!trusted.has(sealer)) return undefined
    if (saysAuthentic(arc.results[at] ?? '', dmarc.domain)) return sealer
  }
  return undefined
}

function saysAuthentic(value: string, domain: string): boolean {
  return readAuthResults(value).results.some(
    ({ method, result, properties }) =>
      method === 'dmarc' && result === 'pass' && properties.get('header.from')?.toLowerCase() === domain.toLowerCase(),
  )
}

/** A list changes what was signed: its author's signature is there and broken, and the list answers for it with its own name. */
function isFromList(judgement: Judgement): boolean {
  const { saysList, dkim, dmarc } = judgement
  const own = [dmarc.domain, dmarc.orgDomain]
  return (
    saysList && vouchers(judgement).length > 0 && dkim.some(({ result, domain }) => result === 'fail' && own.includes(domain.toLowerCase()))
  )
}

function dmarcWords({ spf, dkim }: Judgement): string {
  const sent = `SPF ${spf.result}${spf.domain === '' ? '' : ` for ${spf.domain}`}${spf.result === 'pass' ? ' (not aligned)' : ''}`
  const [signature] = dkim
  const passing = dkim.find(({ result }) => result === 'pass')
  if (signature === undefined) return `${sent}, DKIM none`
  return `${sent}, DKIM ${passing === undefined ? `${signature.result} for ${signature.domain}` : `pass for ${passing.domain} (not aligned)`}`
}
