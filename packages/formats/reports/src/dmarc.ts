/**
 * Aggregate reports of DMARC (RFC 9990, RFC 7489 §7.2), which receivers of mail write for the domains in From.
 *
 * In      XML, packed or not. Name spaces, unknown elements and the order do not matter
 * Bound   records as limits say
 */
import { reportRecords } from '@yabumi/limits'
import { Trouble } from '@yabumi/trouble'
import { childOf, type Element, readXml, textOf } from './xml.ts'

/** What a receiver found of one kind of signature, or of SPF; words are as they stand there. */
export interface AuthResult {
  readonly domain: string
  readonly result: string
  readonly selector?: string
  /** Of SPF: `mfrom` or `helo`. */
  readonly scope?: string
}

/** Messages of one source that met with the same. */
export interface DmarcRow {
  readonly sourceIp: string
  readonly count: number
  /** `none`, `quarantine`, `reject`, or whatever stands there. */
  readonly disposition: string
  /** Whether a signature, and SPF, passed for an aligned domain: `pass` or `fail`. */
  readonly dkim: string
  readonly spf: string
  readonly headerFrom: string
  readonly envelopeFrom?: string
  readonly dkimResults: readonly AuthResult[]
  readonly spfResults: readonly AuthResult[]
}

export interface DmarcReport {
  readonly orgName: string | undefined
  readonly email: string | undefined
  readonly reportId: string
  /** Seconds of Unix time. */
  readonly begin: number
  readonly end: number
  readonly domain: string
  /** The policies that the domain has published. */
  readonly p: string
  readonly sp?: string
  readonly np?: string
  readonly adkim?: string
  readonly aspf?: string
  /** RFC 9990: the policy was only tested. */
  readonly testing?: string
  readonly rows: readonly DmarcRow[]
}

/** @throws Trouble 5.6.0 for what is no such report */
export function readDmarcReport(xml: Buffer): DmarcReport {
  const root = readXml(xml)
  if (root.name !== 'feedback') throw refusal('it is about something else')
  const metadata = childOf(root, 'report_metadata')
  const range = childOf(metadata, 'date_range')
  const published = childOf(root, 'policy_published')
  const records = root.children.filter(({ name }) => name === 'record')
  if (records.length > reportRecords) throw refusal('it has too many records')
  return {
    orgName: textOf(metadata, 'org_name'),
    email: textOf(metadata, 'email'),
    reportId: textOf(metadata, 'report_id') ?? '',
    begin: number(textOf(range, 'begin')),
    end: number(textOf(range, 'end')),
    domain: textOf(published, 'domain') ?? '',
    p: textOf(published, 'p') ?? 'none',
    ...optional(published, { sp: 'sp', np: 'np', adkim: 'adkim', aspf: 'aspf', testing: 'testing' }),
    rows: records.map(rowOf),
  }
}

function rowOf(record: Element): DmarcRow {
  const row = childOf(record, 'row')
  const evaluated = childOf(row, 'policy_evaluated')
  const identifiers = childOf(record, 'identifiers')
  const results = childOf(record, 'auth_results')
  return {
    sourceIp: textOf(row, 'source_ip') ?? '',
    count: number(textOf(row, 'count')),
    disposition: textOf(evaluated, 'disposition') ?? '',
    dkim: textOf(evaluated, 'dkim') ?? '',
    spf: textOf(evaluated, 'spf') ?? '',
    headerFrom: textOf(identifiers, 'header_from') ?? '',
    ...optional(identifiers, { envelopeFrom: 'envelope_from' }),
    dkimResults: resultsOf(results, 'dkim'),
    spfResults: resultsOf(results, 'spf'),
  }
}

function resultsOf(results: Element | undefined, method: string): AuthResult[] {
  const found = results?.children.filter(({ name }) => name === method) ?? []
  return found.map((element) => ({
    domain: textOf(element, 'domain') ?? '',
    result: textOf(element, 'result') ?? '',
    ...optional(element, { selector: 'selector', scope: 'scope' }),
  }))
}

function optional<Key extends string>(
  element: Element | undefined,
  names: Readonly<Record<Key, string>>,
): { readonly [key in Key]?: string } {
  const found = Object.entries<string>(names).flatMap(([key, name]) => {
    const text = textOf(element, name)
    return text === undefined ? [] : [[key, text]]
  })
  return Object.fromEntries(found) as { [key in Key]?: string }
}

function number(text: string | undefined): number {
  return text !== undefined && /^[0-9]{1,15}$/.test(text) ? Number(text) : 0
}

function refusal(what: string): Trouble {
  return new Trouble('5.6.0', `no report about DMARC: ${what}`)
}
