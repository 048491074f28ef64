/** A DKIM-Signature field, read (RFC 6376 §3.5, RFC 8301, RFC 8463, RFC 8616). */
import { asciiDomain } from '@yabumi/address'
import { dkimFieldBytes, dkimSignedNames } from '@yabumi/limits'
import type { Form } from './canonical.ts'
import { colonList, decodeBase64, parseTags, type TagList, withoutBlanks } from './tags.ts'

export type KeyType = 'rsa' | 'ed25519'
export type HashName = 'sha256' | 'sha1'

export interface Signature {
  readonly keyType: KeyType
  readonly hash: HashName
  readonly signature: Buffer
  /** Of the body; undefined in the first drafts, which signed header and body together. */
  readonly bodyHash: Buffer | undefined
  readonly headerForm: Form
  readonly bodyForm: Form
  /** As it stands, which may be a U-label. */
  readonly domain: string
  readonly selector: string
  /** The agent or user, `user@domain`; what stands before the @ may be empty. */
  readonly identity: string
  readonly names: readonly string[]
  /** How much of the canonical body is signed; undefined for all of it. */
  readonly bodyLength: number | undefined
  /** When it was made and when it expires, in seconds since 1970. */
  readonly madeAt: number | undefined
  readonly expiresAt: number | undefined
}

/** What can be said of a field, whether it can be verified or not. For reports, so nothing here is to be believed. */
export interface SignatureWords {
  readonly domain: string
  readonly selector: string
  readonly algorithm: string
  /** The first eight characters of the signature, which tell signatures of one domain apart (RFC 6008). */
  readonly b: string
}

export type SignatureReading = SignatureWords & ({ readonly signature: Signature } | { readonly problem: string })

const hashBytes: Readonly<Record<HashName, number>> = { sha256: 32, sha1: 20 }
const knownForms = /^(simple|relaxed)(?:\/(simple|relaxed))?$/
const draftForms = /^(simple|relaxed|nowsp)(?:\/(simple|relaxed|nowsp))?$/
const secondsDigits = 12
const lengthDigits = 76

/**
 * Read a field.
 *
 * @param field - a byte string: name, colon and value, with its line end
 * @param drafts - take forms of the drafts of 2005 and 2006 as well: no v=, no bh=, i= and a= by default
 */
export function readSignature(field: string, drafts = false): SignatureReading {
  const nothing: SignatureWords = { domain: '', selector: '', algorithm: '', b: '' }
  const fail = (problem: string, words: SignatureWords = nothing): SignatureReading => ({ ...words, problem })
  if (field.length > dkimFieldBytes) return fail('the field is too long')
  const colon = field.indexOf(':')
  if (!/^dkim-signature[ \t]*$/i.test(field.slice(0, colon)) || !field.endsWith('\r\n')) return fail('no such field')
  const tags = parseTags(field.slice(colon + 1))
  if (tags === undefined) return fail('syntax error in the tags')
  const words: SignatureWords = {
    domain: tags.values.get('d') ?? '',
    selector: tags.values.get('s') ?? '',
    algorithm: tags.values.get('a') ?? '',
    b: withoutBlanks(tags.values.get('b') ?? '').slice(0, 8),
  }
  const signature = signatureOf(tags, drafts)
  return typeof signature === 'string' ? fail(signature, words) : { ...words, signature }
}

/**
 * What the tags of a signature say.
 *
 * @param drafts - as of readSignature()
 * @returns what is wrong, for a signature that is none
 */
export function signatureOf(tags: TagList, drafts = false): Signature | string {
  const { values } = tags
  const version = values.get('v') ?? (drafts ? '1' : undefined)
  if (version !== '1' && !(drafts && version === '0.5')) return version === undefined ? 'no version' : 'unknown version'
  for (const name of drafts ? ['b', 'd', 'h', 's'] : ['a', 'b', 'bh', 'd', 'h', 's']) if (!values.has(name)) return `no tag ${name}=`
  const algorithm = /^(rsa|ed25519)-(sha256|sha1)$/.exec((values.get('a') ?? 'rsa-sha1').toLowerCase())
  if (algorithm === null) return 'unknown algorithm'
  const [keyType, hash] = algorithm.slice(1) as [KeyType, HashName]
  if (keyType === 'ed25519' && hash === 'sha1') return 'unknown algorithm'
  const signature = decodeBase64(values.get('b') as string)
  if (signature === undefined) return 'the signature is no base64'
  const written = values.get('bh')
  const bodyHash = written === undefined ? undefined : decodeBase64(written)
  if (written !== undefined && bodyHash?.length !== hashBytes[hash]) return 'the body hash is none'
  const forms = (drafts ? draftForms : knownForms).exec((values.get('c') ?? 'simple').toLowerCase())
  if (forms === null) return 'unknown canonicalization'
  const query = values.get('q')
  if (query !== undefined && !colonList(query).some((method) => isDnsQuery(method, drafts))) return 'unknown way to the key'
  const named = readNames(values)
  if (typeof named === 'string') return named
  const numbers = readNumbers(values)
  if (typeof numbers === 'string') return numbers
  const [headerForm, otherForm = headerForm === 'nowsp' ? 'nowsp' : 'simple'] = forms.slice(1) as [Form, Form | undefined]
  return { keyType, hash, signature, bodyHash, headerForm, bodyForm: otherForm, ...named, ...numbers }
}

function isDnsQuery(method: string, drafts: boolean): boolean {
  const name = method.toLowerCase()
  return name === 'dns/txt' || (drafts && name === 'dns')
}

type Named = Pick<Signature, 'domain' | 'selector' | 'identity' | 'names'>

function readNames(values: TagList['values']): Named | string {
  const domain = withoutBlanks(values.get('d') as string)
  const selector = withoutBlanks(values.get('s') as string)
  if (!isName(domain) || !domain.includes('.')) return 'the domain is none'
  if (!isName(selector)) return 'the selector is none'
  const names = colonList(values.get('h') as string)
  if (names.length > dkimSignedNames) return 'too many signed fields'
  if (names.some((name) => !/^[!-9;-~]+$/.test(name))) return 'the list of signed fields is none'
  if (!names.some((name) => name.toLowerCase() === 'from')) return 'From is not signed'
  const identity = decodeQuoted(withoutBlanks(values.get('i') ?? `@${domain}`))
  const host = identity?.slice(identity.lastIndexOf('@') + 1).toLowerCase()
  if (identity === undefined || host === undefined || !identity.includes('@')) return 'the identity is none'
  if (host !== domain.toLowerCase() && !host.endsWith(`.${domain.toLowerCase()}`)) return 'the identity is not of the domain'
  return { domain, selector, identity, names }
}

type Numbers = Pick<Signature, 'bodyLength' | 'madeAt' | 'expiresAt'>

function readNumbers(values: TagList['values']): Numbers | string {
  const bodyLength = values.get('l')
  const madeAt = values.get('t')
  const expiresAt = values.get('x')
  if (bodyLength !== undefined && !isNumber(bodyLength, lengthDigits)) return 'the body length is no number'
  if (madeAt !== undefined && !isNumber(madeAt, secondsDigits)) return 'the time is no number'
  if (expiresAt !== undefined && !isNumber(expiresAt, secondsDigits)) return 'the expiration is no number'
  const numberOf = (text: string | undefined): number | undefined => (text === undefined ? undefined : Number(text))
  if (madeAt !== undefined && expiresAt !== undefined && Number(expiresAt) <= Number(madeAt)) return 'it expires before it was made'
  return { bodyLength: numberOf(bodyLength), madeAt: numberOf(madeAt), expiresAt: numberOf(expiresAt) }
}

function isNumber(text: string, digits: number): boolean {
  return text.length <= digits && /^[0-9]+$/.test(text)
}

/** Labels of letters, digits, hyphens and underscores, or of UTF-8 that has an A-label. */
function isName(name: string): boolean {
  return nameInDns(name) !== undefined
}

/** A name as the DNS has it: in A-labels, in lower case; undefined for what is no name. @param name - a byte string */
export function nameInDns(name: string): string | undefined {
  const ascii = asciiDomain(name)
  if (ascii === undefined || ascii.length > 253) return undefined
  return ascii.split('.').every((label) => /^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/.test(label)) ? ascii : undefined
}

/** `=40` is @ (RFC 6376 §2.11); undefined where a byte is written so that it is none. */
function decodeQuoted(text: string): string | undefined {
  if (/=(?![0-9A-F]{2})/.test(text)) return undefined
  return text.replace(/=([0-9A-F]{2})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 16)))
}

const signatureTag = /(^|;)([ \t\r\n]*b[ \t\r\n]*=)[^;]*/

/** The field with nothing in its tag b=, as it is signed: without its line end as well. */
export function withoutSignature(field: string): string {
  const colon = field.indexOf(':') + 1
  const value = field.slice(colon, -'\r\n'.length)
  return field.slice(0, colon) + value.replace(signatureTag, (_, before: string, tag: string) => before + tag)
}
