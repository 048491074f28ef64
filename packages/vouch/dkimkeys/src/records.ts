/** A key's record in the DNS: as it is to be published, and whether it is. */
import { createPublicKey, type KeyObject } from 'node:crypto'
import { keyRecordOf, readKeyRecord } from '@yabumi/dkim'
import { askAuthority, ask as askServers } from '@yabumi/dns'
import type { DomainKey } from './store.ts'

const stringCharacters = 255

export function recordName(domain: string, selector: string): string {
  return `${selector}._domainkey.${domain}`
}

/** A line of a zone file. A longer text than a string may have is several strings. */
export function zoneLine(domain: string, selector: string, key: KeyObject): string {
  const strings = (publishedText(key).match(new RegExp(`.{1,${stringCharacters}}`, 'g')) ?? []).map((string) => `"${string}"`)
  const data = strings.length === 1 ? strings[0] : `( ${strings.join(' ')} )`
  return `${recordName(domain, selector)}. IN TXT ${data}`
}

/** What stands in the record, in one piece, as the forms of providers want it. */
export function publishedText(key: KeyObject): string {
  return keyRecordOf(createPublicKey(key))
}

/**
 * What the DNS has under a key's name: this key, another one, none, or no answer for now.
 *
 * @param ask - whom to ask in place of the servers of control/resolvers
 */
export async function findPublished(
  { domain, selector, key }: Pick<DomainKey, 'domain' | 'selector'> & { readonly key: KeyObject },
  ask: typeof askServers = askServers,
): Promise<'this' | 'other' | 'none' | 'unknown'> {
  const answer = await ask(recordName(domain, selector), 'TXT')
  if (answer.kind === 'trouble') return 'unknown'
  if (answer.kind !== 'found') return 'none'
  return answer.records.some((text) => isRecordOf(text, key)) ? 'this' : 'other'
}

/** Seconds for which others may keep the record of a key; undefined where the DNS does not say. */
export async function keptSeconds({ domain, selector }: Pick<DomainKey, 'domain' | 'selector'>): Promise<number | undefined> {
  const { answer, seconds } = await askAuthority(recordName(domain, selector), 'TXT')
  return answer.kind === 'found' ? seconds : undefined
}

function isRecordOf(text: string, key: KeyObject): boolean {
  const record = readKeyRecord(text)
  return !('problem' in record) && record.key?.equals(createPublicKey(key)) === true
}
