/** DMARC records: what a domain wants done with mail that only claims to be its own (RFC 9989 §4.7, §4.8). */
import { dmarcRecordBytes, dmarcReportAddresses } from '@yabumi/limits'

export type Policy = 'none' | 'quarantine' | 'reject'

export interface DmarcRecord {
  /** As it is published, a byte string. */
  readonly text: string
  /** For the domain itself. Undefined: the record wants nothing, and does not count. */
  readonly policy: Policy | undefined
  /** For names under it, and for those of them that do not exist. */
  readonly subdomainPolicy: Policy
  readonly missingPolicy: Policy
  /** An identifier must be the domain itself. */
  readonly strictDkim: boolean
  readonly strictSpf: boolean
  /** Whether names below are of many owners (y), of one (n), or that is not said. */
  readonly publicSuffix: 'y' | 'n' | 'u'
  /** The domain only tries it out. */
  readonly testing: boolean
  /** Addresses for aggregate reports. */
  readonly reportTo: readonly string[]
}

/** Whether a TXT record is a DMARC record, right or wrong. The case of the version counts. */
export function isDmarcRecord(text: string): boolean {
  return /^[ \t]*[Vv][ \t]*=[ \t]*DMARC1[ \t]*(?:;|$)/.test(text)
}

/**
 * Read a DMARC record. What is wrong in one tag makes that tag absent; a list that is none is a problem.
 *
 * @param text - a byte string, the parts of the TXT record joined
 */
export function readDmarcRecord(text: string): DmarcRecord | { readonly problem: string } {
  if (!isDmarcRecord(text)) return { problem: 'it does not begin with v=DMARC1' }
  if (text.length > dmarcRecordBytes) return { problem: 'it is too long' }
  const tags = readTags(text)
  if (tags === undefined) return { problem: 'it is no list of tags' }
  const reportTo = addressesIn(tags.get('rua') ?? '')
  const [p, sp, np] = [tags.get('p'), tags.get('sp'), tags.get('np')]
  const wrong = p === undefined || [p, sp, np].some((value) => value !== undefined && policyOf(value) === undefined)
  const policy = wrong ? undefined : policyOf(p)
  const own = policy ?? 'none'
  const under = wrong || sp === undefined ? own : (policyOf(sp) ?? own)
  return {
    text,
    policy: wrong && reportTo.length > 0 ? 'none' : policy,
    subdomainPolicy: under,
    missingPolicy: wrong || np === undefined ? under : (policyOf(np) ?? under),
    strictDkim: isWord(tags.get('adkim'), 's'),
    strictSpf: isWord(tags.get('aspf'), 's'),
    publicSuffix: isWord(tags.get('psd'), 'y') ? 'y' : isWord(tags.get('psd'), 'n') ? 'n' : 'u',
    testing: isWord(tags.get('t'), 'y'),
    reportTo,
  }
}

/** By their names in lower case; undefined for a tag that is empty or none, and for one that is there twice. */
export function readTags(text: string): Map<string, string> | undefined {
  const parts = text.split(';')
  if (parts.length > 1 && /^[ \t]*$/.test(parts.at(-1) as string)) parts.pop()
  const tags = new Map<string, string>()
  for (const part of parts) {
    const [, name = '', value = ''] = /^[ \t]*([A-Za-z][A-Za-z0-9_]*)[ \t]*=(.*)$/s.exec(part) ?? []
    const key = name.toLowerCase()
    if (key === '' || tags.has(key)) return undefined
    tags.set(key, value.trim())
  }
  return tags
}

function policyOf(value: string): Policy | undefined {
  return (['none', 'quarantine', 'reject'] as const).find((policy) => policy === value.toLowerCase())
}

function isWord(value: string | undefined, word: string): boolean {
  return value?.toLowerCase() === word
}

/** Those of a list of mailto: URIs; a size behind them, which RFC 7489 had, is passed over. None, if one of them is wrong. */
function addressesIn(list: string): string[] {
  const addresses = list.split(',').map((uri) => /^mailto:([^\s@!,;]+@[^\s@!,;]+)(?:![0-9]{1,18}[kmgt]?)?$/i.exec(uri.trim())?.[1])
  const known = addresses.filter((address) => address !== undefined)
  return known.length === addresses.length ? known.slice(0, dmarcReportAddresses) : []
}
