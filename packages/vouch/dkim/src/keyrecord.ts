/** A key as its owner publishes it: the TXT record of SELECTOR._domainkey.DOMAIN (RFC 6376 §3.6.1, RFC 8463 §4). */
import { createPublicKey, type KeyObject } from 'node:crypto'
import { dkimRecordBytes } from '@yabumi/limits'
import type { KeyType } from './signature.ts'
import { colonList, decodeBase64, parseTags, withoutBlanks } from './tags.ts'

export interface KeyRecord {
  readonly keyType: KeyType
  /** Undefined for a key that its owner took back. */
  readonly key: KeyObject | undefined
  /** Of an RSA key. */
  readonly bits: number | undefined
  /** The hashes that may be used with it; undefined for all. */
  readonly hashes: readonly string[] | undefined
  /** The identity must be of the domain itself, not of one below it. */
  readonly exact: boolean
  /** Its owner only tries it out: a signature counts for nothing. */
  readonly testing: boolean
  /** Which local parts of identities it is for, `*` for any run of bytes: a tag of RFC 4871, which counts in old mail only. */
  readonly granularity: string | undefined
  /** It is as the grammar has it, to the last blank. */
  readonly strict: boolean
}

const version = 'DKIM1'
const ed25519Prefix = Buffer.from('302a300506032b6570032100', 'hex')
const ed25519Bytes = 32

/** Read a record. @param record - a byte string, its parts joined. @returns why it is none, or no key for mail */
export function readKeyRecord(record: string): KeyRecord | { readonly problem: string } {
  if (record.length > dkimRecordBytes) return { problem: 'the key record is too long' }
  const tags = parseTags(record)
  if (tags === undefined) return { problem: 'syntax error in the key record' }
  const { values, names, strict } = tags
  if (values.has('v') && (names[0] !== 'v' || values.get('v') !== version)) return { problem: 'unknown version of the key record' }
  const keyType = values.get('k')?.toLowerCase() ?? 'rsa'
  if (keyType !== 'rsa' && keyType !== 'ed25519') return { problem: 'unknown kind of key' }
  const services = values.get('s')
  if (services !== undefined && !colonList(services).some((service) => service === '*' || service.toLowerCase() === 'email'))
    return { problem: 'the key is not for mail' }
  const data = values.get('p')
  if (data === undefined) return { problem: 'no key in the record' }
  const key = withoutBlanks(data) === '' ? undefined : readKey(keyType, data)
  if (key === null) return { problem: 'the key in the record is none' }
  const flags = colonList(values.get('t') ?? '')
  const hashes = values.get('h')
  return {
    keyType,
    key,
    bits: key?.asymmetricKeyDetails?.modulusLength,
    hashes: hashes === undefined ? undefined : colonList(hashes).map((hash) => hash.toLowerCase()),
    exact: flags.includes('s'),
    testing: flags.includes('y'),
    granularity: values.get('g'),
    strict,
  }
}

function readKey(keyType: KeyType, data: string): KeyObject | null {
  const bytes = decodeBase64(data)
  if (bytes === undefined) return null
  if (keyType === 'ed25519') {
    if (bytes.length !== ed25519Bytes) return null
    return createPublicKey({ key: Buffer.concat([ed25519Prefix, bytes]), format: 'der', type: 'spki' })
  }
  for (const type of ['spki', 'pkcs1'] as const) {
    try {
      const key = createPublicKey({ key: bytes, format: 'der', type })
      return key.asymmetricKeyType === 'rsa' ? key : null
    } catch {
      // the other form (RFC 6376 §3.6.1 and its erratum 3017), or none
    }
  }
  return null
}

/** What stands in the record of a public key. @returns a byte string of one line */
export function keyRecordOf(key: KeyObject): string {
  const bytes = key.export({ format: 'der', type: 'spki' })
  const kind = key.asymmetricKeyType === 'rsa' ? 'rsa' : 'ed25519'
  const data = kind === 'rsa' ? bytes : bytes.subarray(-ed25519Bytes)
  return `v=${version}; k=${kind}; p=${data.toString('base64')}`
}
