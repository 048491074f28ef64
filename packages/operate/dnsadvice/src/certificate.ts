/** Our certificate, and what a TLSA record says of it (RFC 6698 §2.1). */
import { createHash, X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { Records } from '@yabumi/dns'
import { errnoOf, errorText, Trouble } from '@yabumi/trouble'

/**
 * The one that smtpd shows to clients that ask for this host, or for nobody (spec §16.1).
 *
 * @returns undefined if there is none. @throws Trouble 4.3.0 if it cannot be read
 */
export function ourCertificate(me: string): X509Certificate | undefined {
  for (const path of [`control/servercerts/${me}`, `state/acme/${me}`, 'control']) {
    const certificate = readCertificate(`${path}/servercert.pem`)
    if (certificate !== undefined) return certificate
  }
  return undefined
}

function readCertificate(path: string): X509Certificate | undefined {
  try {
    return new X509Certificate(readFileSync(path))
  } catch (cause) {
    if (errnoOf(cause) === 'ENOENT') return undefined
    throw new Trouble('4.3.0', `unable to read ${path}: ${errorText(cause)}`, { cause })
  }
}

/** Whether a record with usage 3 is of a certificate. */
export function isOf(certificate: X509Certificate, { selector, matching, data }: Records['TLSA']): boolean {
  const whole = selector === 1 ? certificate.publicKey.export({ type: 'spki', format: 'der' }) : certificate.raw
  if (matching === 0) return data.equals(whole)
  return data.equals(
    createHash(matching === 1 ? 'sha256' : 'sha512')
      .update(whole)
      .digest(),
  )
}

/** `3 1 1 HEX`: the key of a certificate, which stays where the key does. */
export function tlsaOf(certificate: X509Certificate): string {
  const key = certificate.publicKey.export({ type: 'spki', format: 'der' })
  return `3 1 1 ${createHash('sha256').update(key).digest('hex')}`
}
