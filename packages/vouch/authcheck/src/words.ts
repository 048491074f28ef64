/** What was found out, and why, in words for a person. */
import type { Judgement } from '@yabumi/judgement'
import { printable } from '@yabumi/printable'

/** A line for each thing that was checked. */
export function wordsFor({ spf, dkim, dmarc, arc, questions }: Judgement): string {
  const signatures = dkim.length === 0 ? ['dkim: none: nobody has signed it'] : dkim.map(dkimWords)
  const lines = [
    `spf: ${spf.result}: ${spf.domain === '' ? '' : `asked for ${spf.domain}: `}${spf.reason ?? 'it has said nothing'}`,
    ...(spf.explanation === undefined ? [] : [`spf: the domain says: ${spf.explanation}`]),
    ...signatures,
    dmarcWords(dmarc),
    `arc: ${arc.result}: ${arcWords(arc)}`,
    `${questions} questions to the DNS`,
  ]
  return lines.map((line) => `${printable(line)}\n`).join('')
}

function dkimWords({ result, reason, domain, selector }: Judgement['dkim'][number]): string {
  return `dkim: ${result}: ${domain} (key ${selector})${reason === undefined ? ' has signed it' : `: ${reason}`}`
}

function dmarcWords({ result, reason, domain, policy, policyDomain, spfAligned, dkimAligned }: Judgement['dmarc']): string {
  if (policy === undefined || reason !== undefined) return `dmarc: ${result}: ${domain === '' ? '' : `${domain}: `}${reason ?? ''}`
  const vouching = [...(spfAligned ? ['SPF'] : []), ...(dkimAligned ? ['a signature'] : [])].join(' and ')
  const own = vouching === '' ? `nothing that passes is of ${domain}` : `${vouching} shows that it is of ${domain}`
  return `dmarc: ${result}: ${own}; for mail that fails ${policyDomain} wants: ${policy}`
}

function arcWords({ result, reason, sealers }: Judgement['arc']): string {
  if (result === 'none') return 'nobody has sealed it'
  return reason ?? `sealed by ${sealers.join(', ')}`
}
