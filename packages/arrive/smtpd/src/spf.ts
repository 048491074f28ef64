/**
 * SPF at MAIL, as patches for qmail have it: a field above the message, and refusals (control/spfbehavior).
 *
 * What a domain itself says is what DMARC gets; the operator's own rules only save from a refusal.
 */
import { nowSeconds } from '@yabumi/dates'
import { ask } from '@yabumi/dns'
import { replyReasonBytes } from '@yabumi/limits'
import { printable } from '@yabumi/printable'
import { checkSpf, type SpfVerdict } from '@yabumi/spf'
import type { CheckSettings } from './checksettings.ts'
import type { Stranger } from './examination.ts'

export interface SenderVerdict {
  readonly spf: SpfVerdict
  /** The reply that refuses the sender. */
  readonly refusal: string | undefined
  /** Received-SPF, LF-ended; empty where it is not wanted. */
  readonly field: string
}

/** From which spfbehavior on a result is refused. */
const refusedFrom: Readonly<Record<SpfVerdict['result'], number>> = {
  pass: Number.POSITIVE_INFINITY,
  fail: 3,
  softfail: 4,
  neutral: 5,
  none: 6,
  permerror: 6,
  temperror: 2,
}

/** Never rejects. */
export async function judgeSender(stranger: Stranger, { spf: settings, host }: CheckSettings): Promise<SenderVerdict> {
  const options = { ask, nowSeconds: nowSeconds(), receiver: host }
  const spf = await checkSpf(stranger, options)
  const own = async (terms: string): Promise<SpfVerdict | undefined> =>
    terms === '' ? undefined : checkSpf(stranger, options, `v=spf1 ${terms} ?all`)
  let shown = spf
  if (spf.result === 'none') shown = (await own(settings.guess)) ?? spf
  else if (spf.result === 'fail' || spf.result === 'softfail') {
    const saved = await own(settings.rules)
    if (saved?.result === 'pass') shown = saved
  }
  const isNull = settings.refusesNull && shown.sendsNothing === true && spf.identity === 'mailfrom'
  const refusal = isNull || settings.behavior >= refusedFrom[shown.result] ? refusalFor(stranger, shown, settings.explanation) : undefined
  return { spf, refusal, field: settings.behavior > 0 ? receivedSpf(stranger, shown, host) : '' }
}

function refusalFor({ ip }: Stranger, { result, domain, explanation }: SpfVerdict, usual: string): string {
  if (result === 'temperror') return '451 SPF lookup failure (#4.4.3)\r\n'
  const text = printable(explanation ?? (usual || `its record says ${result}`)).slice(0, replyReasonBytes)
  return `550 SPF says ${printable(ip)} may not send for ${printable(domain).slice(0, 253)}: ${text} (#5.7.23)\r\n`
}

/** RFC 7208 §9.1. */
function receivedSpf({ ip, helo, sender }: Stranger, { result, reason = 'nothing is known', identity }: SpfVerdict, host: string): string {
  const quoted = (text: string): string =>
    `"${text
      .replace(/[^ -~]/g, '?')
      .replace(/["\\]/g, '\\$&')
      .slice(0, 400)}"`
  const comment = reason.replace(/[^ -~]|[()\\]/g, '?').slice(0, replyReasonBytes)
  const words = [`client-ip=${ip}`, `envelope-from=${quoted(sender)}`, `helo=${quoted(helo)}`, `receiver=${host}`, `identity=${identity}`]
  return `Received-SPF: ${result} (${comment})\n${words.map((word) => `\t${word}`).join(';\n')}\n`
}
