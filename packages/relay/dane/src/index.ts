/**
 * Verify what a mail host presents in TLS by the TLSA records of its name. This is DANE (RFC 6698, RFC 7671), as SMTP
 * has it (RFC 7672).
 *
 * Pure: records and certificates in, a verdict out. Whether the records came by DNSSEC is the caller's to know.
 */
export { strongest, type Tlsa, tlsaText, usable } from './records.ts'
export { type DaneVerdict, type Presented, verifyDane } from './verify.ts'
