/**
 * SASL (RFC 4422): how somebody says who it is and proves it, as state machines without a connection, a clock or a
 * file.
 *
 * What they say and hear are byte strings; base64 and the words around it are the protocol's.
 */

export { decodeBase64, encodeBase64 } from './base64.ts'
export { bestMechanism, type Choice, startClient } from './client.ts'
export { cramMd5Digest } from './crammd5.ts'
export type { ClientMechanism, Credentials } from './response.ts'
export { inventedVerifier, makeVerifier, parseVerifier, type ScramVerifier, verifierText } from './scram.ts'
export { startServer } from './server.ts'
export type { ServerMechanism, ServerStep, ServerTerms } from './step.ts'
