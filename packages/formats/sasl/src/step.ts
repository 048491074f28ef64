/** What a server's mechanism says after each response. */
import type { ScramVerifier } from './scram.ts'

/**
 * What comes next. All texts are byte strings, without base64.
 *
 * - `challenge`: the client is to hear it and to respond
 * - `password`, `digest`, `token`: somebody who knows must say whether that is right
 * - `proven`: right, without anybody else; the client is to hear the text as a challenge first, and to respond with nothing
 * - `wrong`: it is not; why is for the log
 * - `malformed`: no response of this mechanism
 */
export type ServerStep =
  | { readonly kind: 'challenge'; readonly text: string }
  | { readonly kind: 'password'; readonly login: string; readonly password: string }
  /** HMAC-MD5 of the challenge with the password as key, in hexadecimal digits. */
  | { readonly kind: 'digest'; readonly login: string; readonly challenge: string; readonly digest: string }
  /** Where it is not right, the client hears `refusal` as a challenge before it is told so, and responds (RFC 7628 §3.2.3). */
  | { readonly kind: 'token'; readonly login: string; readonly token: string; readonly refusal: string }
  | { readonly kind: 'proven'; readonly login: string; readonly text: string }
  | { readonly kind: 'wrong'; readonly login: string; readonly why: string }
  | { readonly kind: 'malformed' }

/** One exchange with one client. */
export interface ServerMechanism {
  /** @param response - of the client; undefined to begin where it has sent none with the mechanism's name */
  step(response: string | undefined): ServerStep
}

/** What a server has for its mechanisms. */
export interface ServerTerms {
  /** What stands for the login: of one that does not exist or has none, something that nothing fits. */
  verifierOf(login: string): ScramVerifier
  /** Of `tls-exporter` (RFC 9266), 32 bytes; undefined where -PLUS was not offered. */
  readonly binding: Buffer | undefined
  /** Our part of SCRAM's nonce; printable, without a comma. */
  readonly nonce: string
  /** For CRAM-MD5: unique, in angle brackets. */
  readonly challenge: string
}

/** The client begins: an empty challenge asks it to. */
export const begin: ServerStep = { kind: 'challenge', text: '' }
export const malformed: ServerStep = { kind: 'malformed' }
