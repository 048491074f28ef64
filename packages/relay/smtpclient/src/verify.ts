/** Whether a host has shown who it is, once TLS is there. */
import { createHash, type X509Certificate } from 'node:crypto'
import { isIP } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { type DaneVerdict, tlsaText, verifyDane } from '@yabumi/dane'
import { danePresentedCertificates } from '@yabumi/limits'
import type { Proof } from '@yabumi/tlsdemand'
import type { FailureType } from './security.ts'

/** In words what was verified; or what is wrong. */
export type Shown = { readonly verified: string } | { readonly type: FailureType; readonly reason: string }

/** What a host's certificate comes to, by what it is to prove. */
export function verifyHost(socket: TLSSocket, proof: Proof): Shown {
  const leaf = socket.getPeerX509Certificate()
  if (leaf === undefined) return { type: 'validation-failure', reason: 'the host shows no certificate' }
  if (proof.kind === 'dane') {
    const { names, endEntityNames } = proof
    return ofDane(verifyDane(proof.records, { chain: chainOf(leaf), names, endEntityNames, now: new Date() }), proof.records.length)
  }
  if (proof.kind === 'pin') return ofPins(leaf, proof.pins)
  const { authorizationError } = socket as { authorizationError?: Error | string | null }
  if (!socket.authorized) return ofPkix(String((authorizationError as NodeJS.ErrnoException | undefined)?.code ?? authorizationError))
  const name = proof.names.find(
    (each) => (isIP(each) === 0 ? leaf.checkHost(each, { partialWildcards: false }) : leaf.checkIP(each)) !== undefined,
  )
  if (name === undefined) return { type: 'certificate-host-mismatch', reason: `its certificate is not for ${proof.names.join(' or ')}` }
  return { verified: `certificate for ${name}` }
}

/** As the host has sent it, up to so many. */
function chainOf(leaf: X509Certificate): X509Certificate[] {
  const chain = [leaf]
  for (let next = leaf.issuerCertificate; next !== undefined && chain.length < danePresentedCertificates; next = next.issuerCertificate) {
    if (next.raw.equals((chain.at(-1) as X509Certificate).raw)) break
    chain.push(next)
  }
  return chain
}

function ofDane(verdict: DaneVerdict, records: number): Shown {
  if (verdict.kind === 'matched') return { verified: `dane-${verdict.record.usage === 3 ? 'ee' : 'ta'}(${tlsaText(verdict.record)})` }
  if (verdict.kind === 'name') return { type: 'certificate-host-mismatch', reason: 'its certificate is for other names' }
  if (verdict.kind === 'time') return { type: 'certificate-expired', reason: 'a certificate is not valid now' }
  return { type: 'validation-failure', reason: `its certificate fits none of ${records} TLSA records` }
}

function ofPins({ raw, publicKey }: X509Certificate, pins: readonly string[]): Shown {
  const digests = [raw, publicKey.export({ type: 'spki', format: 'der' })].map((bytes) => createHash('sha256').update(bytes).digest('hex'))
  const fits = digests.some((digest) => pins.includes(digest.toUpperCase()))
  return fits
    ? { verified: 'fingerprint' }
    : { type: 'validation-failure', reason: 'neither its certificate nor its key has that fingerprint' }
}

function ofPkix(code: string): Shown {
  if (code === 'CERT_HAS_EXPIRED' || code === 'CERT_NOT_YET_VALID')
    return { type: 'certificate-expired', reason: 'its certificate is not valid now' }
  return { type: 'certificate-not-trusted', reason: `its certificate cannot be trusted: ${code}` }
}
