/** Challenges for APOP (RFC 1939 §7) and CRAM-MD5, and nonces for SCRAM: one a connection, good once, for a while. */
import { randomBytes } from 'node:crypto'
import { readControl } from '@yabumi/control'
import { nowSeconds } from '@yabumi/dates'
import type { Passwords } from './passwords.ts'

/**
 * Whether clients are offered APOP. A checker of the administrator's is not asked for it.
 *
 * @param always - control/apop: offered even while no login has a secret for it
 * @throws Trouble 4.3.0 if that cannot be said now
 */
export function offersApop(passwords: Passwords, always: boolean): boolean {
  if (readControl('checkpassword') !== undefined) return false
  return always || passwords.haveSecrets
}

/** Nobody can guess it, and no other connection has had it. Digits and dots, as RFC 1939 §7 shows it and clients may look for it. @param hostName - what a client may see of us */
export function newChallenge(hostName: string): string {
  return `<${BigInt(`0x${randomBytes(12).toString('hex')}`)}.${nowSeconds()}@${hostName.replace(/[^!-~]|[<>@]/g, '')}>`
}

/** Our part of SCRAM's nonce (RFC 5802 §5.1). */
export function newNonce(): string {
  return randomBytes(18).toString('base64')
}
