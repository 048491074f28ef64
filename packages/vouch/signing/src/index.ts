/**
 * Sign messages that leave: which domain answers for one, and with which keys (spec §19).
 *
 * Text is byte strings; the working directory is the home.
 */
export { type Decision, decide } from './decide.ts'
export { onSigned, signaturesFor } from './signatures.ts'
