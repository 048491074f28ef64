/** What was found out, as the field that a receiver puts on top (RFC 8601). */
import type { ChainVerdict } from '@yabumi/arc'
import { type MethodResult, resultsText } from '@yabumi/authres'
import type { Verdict } from '@yabumi/dkim'
import type { DmarcVerdict } from '@yabumi/dmarc'
import type { SpfVerdict } from '@yabumi/spf'
import type { Judgement } from './judgement.ts'

/** A result, and what stands behind it in brackets. */
type Said = readonly [result: MethodResult, comment?: string | undefined]

/**
 * `Authentication-Results: HOST; spf=pass smtp.mailfrom=example.org; ...`, folded, without its line end.
 *
 * @param host - who says so
 */
export function resultsField(host: string, { spf, dkim, dmarc, arc }: Judgement): string {
  const signatures: readonly Said[] = dkim.length === 0 ? [[resultOf('dkim', { result: 'none' }, {})]] : dkim.map(dkimResult)
  const all = [spfResult(spf), ...signatures, dmarcResult(dmarc), arcResult(arc)]
  const text = resultsText(
    host,
    all.map(([result]) => result),
    all.map(([, comment]) => comment),
  )
  return `Authentication-Results: ${text.replaceAll('\r\n', '\n')}`
}

function spfResult(verdict: SpfVerdict): Said {
  return [resultOf('spf', verdict, { [`smtp.${verdict.identity}`]: verdict.domain })]
}

function dkimResult(verdict: Verdict): Said {
  const { domain, selector, algorithm, b, testing } = verdict
  const properties = { 'header.d': domain, 'header.s': selector, 'header.a': algorithm, 'header.b': b }
  return [resultOf('dkim', verdict, properties), testing === true ? 'test mode' : undefined]
}

function dmarcResult(verdict: DmarcVerdict): Said {
  const { domain, policy } = verdict
  return [resultOf('dmarc', verdict, { 'header.from': domain }), policy === undefined ? undefined : `p=${policy}`]
}

function arcResult(verdict: ChainVerdict): Said {
  return [resultOf('arc', verdict, {})]
}

function resultOf(
  method: string,
  { result, reason }: { readonly result: string; readonly reason?: string },
  properties: Readonly<Record<string, string>>,
): MethodResult {
  const why = reason === undefined || result === 'pass' || result === 'none' ? {} : { reason }
  const known = Object.entries(properties).filter(([, value]) => value !== '')
  return { method, result, ...why, properties: new Map(known) }
}
