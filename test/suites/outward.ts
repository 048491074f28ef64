/** Kinds of suites about TLS on the way out: DANE, MTA-STS, TLS reports. Each says nothing of a case that is right. */
import { X509Certificate } from 'node:crypto'
import { usable, verifyDane } from '@yabumi/dane'
import { idOf, matches, parseRecord, policyIn } from '@yabumi/mtasts'
import { parseReportRecord } from '@yabumi/tlsrpt'

/** A case, as its authors wrote it. */
interface Case {
  readonly input: Readonly<Record<string, unknown>>
  readonly expect: Readonly<Record<string, unknown>>
  readonly zone?: string
}

type Zone = Readonly<Record<string, readonly { readonly type: string; readonly data?: unknown; readonly fail?: string }[]>>

export function dane({ input, expect }: Case): string | undefined {
  const tlsa = input['tlsa'] as { usage: number; selector: number; matching: number; data: string }[]
  const records = tlsa.map((record) => ({ ...record, data: Buffer.from(record.data, 'hex') }))
  // SMTP does not use them (RFC 7672 §3.1.3)
  if (records.every(({ usage }) => usage < 2)) return usable(records).length === 0 ? undefined : 'they are usable'
  const verdict = verifyDane(records, {
    chain: (input['chain_der_base64'] as string[]).map((text) => new X509Certificate(Buffer.from(text, 'base64'))),
    names: input['names'] as string[],
    endEntityNames: input['dane_ee_name_checks'] === true,
    now: new Date(),
  })
  const depth = verdict.kind === 'matched' ? verdict.depth : -1
  const right = depth >= 0 === expect['verified'] && (depth < 0 || depth === expect['match_depth'])
  return right ? undefined : `${verdict.kind} at depth ${depth}`
}

export function stsRecord({ input, expect }: Case): string | undefined {
  return differ(parseRecord(input['record'] as string) !== undefined, expect['valid'])
}

export function stsPolicy({ input, expect }: Case): string | undefined {
  const { policy, content_type: contentType, status } = input as { policy: string; content_type: string; status: number }
  return differ(typeof policyIn({ status, contentType, body: policy }) === 'object', expect['valid'])
}

export function stsMatch({ input, expect }: Case): string | undefined {
  return differ(matches(input['mx'] as string, input['pattern'] as string), expect['match'])
}

export function stsLookup(
  { input, expect, zone }: Case,
  { zones }: { readonly zones?: Readonly<Record<string, unknown>> },
): string | undefined {
  const names = (zones?.[zone ?? ''] ?? {}) as Zone
  let entry = names[`_mta-sts.${String(input['domain'])}`] ?? []
  for (let alias = entry[0]; alias?.type === 'CNAME'; alias = entry[0]) entry = names[alias.data as string] ?? []
  if (entry.some(({ fail }) => fail !== undefined)) return differ('temperror', expect['result'])
  const id = idOf(entry.map(({ data }) => (data as string[]).join('')))
  return differ(
    id === undefined ? 'none' : `found ${id}`,
    expect['result'] === 'found' ? `found ${String(expect['id'])}` : expect['result'],
  )
}

export function reportRecord({ input, expect }: Case): string | undefined {
  return differ(parseReportRecord(input['record'] as string) !== undefined, expect['valid'])
}

function differ(found: unknown, wanted: unknown): string | undefined {
  return found === wanted ? undefined : `${String(found)}, and not ${String(wanted)}`
}
