/** Whether clients may log in here, and how: what the listener is for, and the qmail world's SMTPAUTH (spec §18.3). */

export interface LoginTerms {
  /** Whether mail is taken from nobody else. */
  readonly required: boolean
  /** Whether a password may come in clear, from anywhere; from loopback it always may. */
  readonly inClear: boolean
  /** Whether CRAM-MD5 is offered, or nothing else. */
  readonly cram: 'no' | 'also' | 'only'
}

/** A listener for submission. */
export const submissionTerms: LoginTerms = { required: true, inClear: false, cram: 'no' }

/**
 * @param smtpAuth - the variable: `-` turns logins off, a `!` in front demands them; `+cram`, `cram`, `plaintext`
 * @param otherwise - what holds without it
 */
export function loginTerms(smtpAuth: string | undefined, otherwise: LoginTerms | undefined): LoginTerms | undefined {
  if (smtpAuth === undefined) return otherwise
  if (smtpAuth.startsWith('-')) return undefined
  return {
    required: smtpAuth.startsWith('!') || (otherwise?.required ?? false),
    inClear: smtpAuth.includes('plaintext'),
    cram: smtpAuth.includes('+cram') ? 'also' : smtpAuth.includes('cram') ? 'only' : 'no',
  }
}
