/** The key of a signature in the DNS, and whether bytes are signed with it (RFC 6376 §6.1.2, RFC 8463 §3). */
import { createHash, type KeyObject, verify as verifyBytes } from 'node:crypto'
import type { Answer } from '@yabumi/dns'
import { type KeyRecord, readKeyRecord } from './keyrecord.ts'
import { type HashName, type KeyType, nameInDns, type Signature } from './signature.ts'

/** The TXT records of a name, the parts of each joined. Never throws. */
export type LookUp = (name: string) => Promise<Answer<string>>

/** Why there is no key. */
export interface NoKey {
  readonly result: 'temperror' | 'permerror'
  readonly reason: string
}

/** The first record of the right kind. */
export async function findKey(
  { selector, domain, keyType }: Pick<Signature, 'selector' | 'domain' | 'keyType'>,
  lookUp: LookUp,
): Promise<KeyRecord | NoKey> {
  const answer = await lookUp(`${nameInDns(selector)}._domainkey.${nameInDns(domain)}`)
  if (answer.kind === 'trouble') return { result: 'temperror', reason: 'no answer of the DNS about the key' }
  if (answer.kind !== 'found') return { result: 'permerror', reason: 'no key in the DNS' }
  let problem: string | undefined
  for (const text of answer.records) {
    const record = readKeyRecord(text)
    if (!('problem' in record) && record.keyType === keyType) return record
    problem ??= 'problem' in record ? record.problem : 'the key is of another kind'
  }
  return { result: 'permerror', reason: problem ?? 'no key in the DNS' }
}

/** Whether the bytes have this signature. @param key - public */
export function isSigned(data: Buffer, signature: Buffer, keyType: KeyType, hash: HashName, key: KeyObject): boolean {
  try {
    if (keyType === 'ed25519') return verifyBytes(null, createHash('sha256').update(data).digest(), key, signature)
    return verifyBytes(hash, data, key, signature)
  } catch {
    return false // a key that OpenSSL cannot use after all
  }
}
