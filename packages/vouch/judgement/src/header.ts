/** What was found out, as the field that a receiver puts on top (RFC 8601). */
import type { ChainVerdict } from '@yabumi/arc'
import { type MethodResult, resultsText } from '@yabumi/authres'
import type { Verdict } from '@yabumi/dkim'
import type { DmarcVerdict } from '@yabumi/dmarc'
import { encodeXtext } from '@yabumi/facts'
import { dkimSignatures, resultsFactBytes } from '@yabumi/limits'
import type { SpfVerdict } from '@yabumi/spf'
import type { Judgement } from './judgement.ts'
import type { Disposition } from './policy.ts'

/** A result, and what stands behind it in brackets. */
type Said = readonly [result: MethodResult, comment?: string | undefined]

/**
 * `Authentication-Results: HOST; spf=pass smtp.mailfrom=example.org; ...`, folded, without its line end.
 *
 * Of signatures beyond the limit it says nothing.
 *
 * @param host - who says so @param action - what DMARC has come to here; shown where it is not what the domain wants
 */
export function resultsField(host: string, judgement: FieldResults, action?: Disposition['action']): string {
  return `Authentication-Results: ${resultsValue(host, judgement, action).replaceAll('\r\n', '\n')}`
}

/** The field as a fact of the envelope: what follows the name of the host, as xtext; the last results are missing where all are too long. */
export function resultsFact(field: string): string {
  const [, ...results] = field.split('\n\t')
  let text = ''
  for (const result of results) {
    const longer = `${text}${encodeXtext(`${result} `)}`
    if (longer.length > resultsFactBytes) break
    text = longer
  }
  return text
}

/** The same for a log: the results alone, which are words of ours; of signatures one that passes, or the first. */
export function resultWords({ spf, dkim, dmarc, arc }: FieldResults): string {
  const signature = dkim.find(({ result }) => result === 'pass') ?? dkim[0]
  return `spf=${spf.result} dkim=${signature?.result ?? 'none'} dmarc=${dmarc.result} arc=${arc.result}`
}

/** What stands in the field. */
type FieldResults = Pick<Judgement, 'spf' | 'dkim' | 'dmarc' | 'arc'>

/** Its body, folded by CRLF and a tab. */
function resultsValue(host: string, { spf, dkim, dmarc, arc }: FieldResults, action: Disposition['action'] | undefined): string {
  const counted = dkim.slice(0, dkimSignatures).map(dkimResult)
  const signatures: readonly Said[] = dkim.length === 0 ? [[resultOf('dkim', { result: 'none' }, {})]] : counted
  const all = [spfResult(spf), ...signatures, dmarcResult(dmarc, action), arcResult(arc)]
  return resultsText(
    host,
    all.map(([result]) => result),
    all.map(([, comment]) => comment),
  )
}

function spfResult(verdict: SpfVerdict): Said {
  return [resultOf('spf', verdict, { [`smtp.${verdict.identity}`]: verdict.domain })]
}

function dkimResult(verdict: Verdict): Said {
  const { domain, selector, algorithm, b, testing } = verdict
  const properties = { 'header.d': domain, 'header.s': selector, 'header.a': algorithm, 'header.b': b }
  return [resultOf('dkim', verdict, properties), testing === true ? 'test mode' : undefined]
}

function dmarcResult(verdict: DmarcVerdict, action: Disposition['action'] | undefined): Said {
  const { domain, policy, result } = verdict
  const done = result === 'fail' && action === 'quarantine' ? ' dis=quarantine' : ''
  return [
    resultOf('dmarc', verdict, { 'header.from': domain, 'policy.dmarc': policy ?? '' }),
    policy === undefined ? undefined : `p=${policy}${done}`,
  ]
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
