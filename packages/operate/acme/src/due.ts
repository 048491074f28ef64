/** When a certificate is to be renewed. */
import { createHash, type X509Certificate } from 'node:crypto'

/** What is left of its life then: a third, and up to a tenth of that more, so that hosts do not all come at once. */
const leftParts = 3
const spread = 0.1

/** How much later `daily` comes again. */
export const aheadMilliseconds = 86_400_000

/** @returns milliseconds since 1970; without a certificate, long ago */
export function dueAt(certificate: X509Certificate | undefined): number {
  if (certificate === undefined) return 0
  const end = certificate.validToDate.getTime()
  const left = (end - certificate.validFromDate.getTime()) / leftParts
  // always the same for one certificate: whoever looks each day would else come to the earliest moment
  const share = (createHash('sha256').update(certificate.raw).digest()[0] ?? 0) / 255
  return end - left * (1 + spread * share)
}
