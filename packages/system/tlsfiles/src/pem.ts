/**
 * A key and the certificates that go with it, in PEM (RFC 7468), in any order.
 *
 * A server sends its own certificate first (RFC 8446 §4.4.2), so that is put there: it is the one that the key belongs
 * to.
 */
import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto'
import { errorText } from '@yabumi/trouble'

/** What createSecureContext() of node:tls takes, and what is known of the certificate. */
export interface Credential {
  readonly key: string
  /** The server's own first, then those that vouch for it. */
  readonly chain: string
  /** Milliseconds since 1970. */
  readonly expires: number
}

/** Certificates of a text, in its order. @throws Error whose message says in words what is wrong */
export function readCertificates(text: string): X509Certificate[] {
  const certificates = blocksOf(text)
    .filter(({ label }) => label === 'CERTIFICATE')
    .map(({ pem }) => certificateOf(pem))
  if (certificates.length === 0) throw new Error('there is no certificate in it')
  return certificates
}

const begin = '-----BEGIN '
const end = '-----END '
const dashes = '-----'

/**
 * @param text - certificates, and the key if it is not apart
 * @param apart - the file of the key; undefined if there is none
 * @throws Error whose message says in words what is wrong
 */
export function readCredential(text: string, apart: string | undefined): Credential {
  const blocks = blocksOf(text)
  const key = blocks.find(isKey) ?? (apart === undefined ? undefined : blocksOf(apart).find(isKey))
  const certificates = readCertificates(text)
  if (key === undefined) throw new Error('there is no key for it')
  const chain = inOrder(certificates, keyOf(key.pem))
  const [own] = chain
  if (own === undefined) throw new Error('the key does not match')
  return { key: key.pem, chain: chain.map(String).join(''), expires: Date.parse(own.validTo) }
}

interface Block {
  readonly label: string
  readonly pem: string
}

/** @throws Error if one has no end: the file is torn */
function blocksOf(text: string): Block[] {
  const blocks: Block[] = []
  for (let at = text.indexOf(begin); at >= 0; at = text.indexOf(begin, at)) {
    const label = text.slice(at + begin.length, text.indexOf(dashes, at + begin.length))
    const last = `${end}${label}${dashes}`
    const stop = text.indexOf(last, at)
    if (stop < 0) throw new Error(`it breaks off in the middle of a ${label}`)
    blocks.push({ label, pem: `${text.slice(at, stop + last.length)}\n` })
    at = stop
  }
  return blocks
}

const isKey = ({ label }: Block): boolean => label.endsWith('PRIVATE KEY')

function keyOf(pem: string): KeyObject {
  try {
    return createPrivateKey(pem)
  } catch (cause) {
    throw new Error(`the key cannot be read: ${errorText(cause)}`, { cause })
  }
}

function certificateOf(pem: string): X509Certificate {
  try {
    return new X509Certificate(pem)
  } catch (cause) {
    throw new Error(`a certificate cannot be read: ${errorText(cause)}`, { cause })
  }
}

/** The key's own, each one's issuer after it, then the rest; none if the key has none. */
function inOrder(certificates: readonly X509Certificate[], key: KeyObject): X509Certificate[] {
  const rest = [...certificates]
  const chain: X509Certificate[] = []
  let index = rest.findIndex((one) => one.checkPrivateKey(key))
  if (index < 0) return []
  while (index >= 0) {
    const [next] = rest.splice(index, 1) as [X509Certificate]
    chain.push(next)
    index = rest.findIndex((one) => next.checkIssued(one))
  }
  return [...chain, ...rest]
}
