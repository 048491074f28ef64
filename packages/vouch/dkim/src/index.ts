/**
 * DKIM: signatures of domains on messages, verified and made (RFC 6376, RFC 8301, RFC 8463).
 *
 * Messages come as the wire has them, with CRLF line ends. Text is byte strings.
 */
export { type BodyForm, bodyForm, canonicalField, type Form } from './canonical.ts'
export { type KeyRecord, keyRecordOf, readKeyRecord } from './keyrecord.ts'
export { nameOf } from './parts.ts'
export { Signer, type SigningKey, type SignOptions } from './sign.ts'
export { type KeyType, nameInDns, readSignature, type SignatureReading } from './signature.ts'
export { type Result, type Verdict, Verifier, type VerifyOptions } from './verify.ts'
