/**
 * DKIM: signatures of domains on messages, verified and made (RFC 6376, RFC 8301, RFC 8463).
 *
 * Messages come as the wire has them, with CRLF line ends. Text is byte strings.
 */
export { BodyHashes } from './bodyhash.ts'
export { type BodyForm, bodyForm, canonicalField, type Form } from './canonical.ts'
export { type KeyRecord, keyRecordOf, readKeyRecord } from './keyrecord.ts'
export { findKey, isSigned, type LookUp, type NoKey } from './keys.ts'
export { FieldStacks, MessageParts, nameOf, type PartsReader } from './parts.ts'
export { Signer, type SigningKey, type SignOptions } from './sign.ts'
export { type HashName, type KeyType, nameInDns, readSignature, type Signature, type SignatureReading, signatureOf } from './signature.ts'
export { decodeBase64, parseTags, type TagList, withoutBlanks } from './tags.ts'
export { type Companion, canonicalFields, canonicalOwn, type Result, type Verdict, Verifier, type VerifyOptions } from './verify.ts'
