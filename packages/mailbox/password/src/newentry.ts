/** What is stored for a new password. */
import { readNumber } from '@yabumi/control'
import { makeVerifier, verifierText } from '@yabumi/sasl'
import type { Entry } from './file.ts'
import { hashPassword } from './hash.ts'

/** @param keepsSecret - also the password itself, for APOP and CRAM-MD5. A verifier for SCRAM is made where control/scram is 1 */
export async function newEntry(password: Buffer, keepsSecret: boolean): Promise<Entry> {
  const [hash, verifier] = await Promise.all([hashPassword(password), keepsVerifiers() ? newVerifier(password) : undefined])
  return { hash, secret: keepsSecret ? password : undefined, ...(verifier !== undefined && { verifier }) }
}

/** Whether passwords are stored for SCRAM as well: control/scram. */
export function keepsVerifiers(): boolean {
  return readNumber('scram', 0) > 0
}

/** As it is stored. It takes some 40 ms, in a thread. */
export async function newVerifier(password: Buffer): Promise<string> {
  return verifierText(await makeVerifier(password.toString('latin1')))
}
