import type { Outcome } from './outcome.ts'

export interface SubmissionOptions {
  /**
   * Who submits, where this process may speak for a role: `network` for smtpd and its kin, `bounce` for send.
   * The resident queue believes it only from the account that has the role; the one-shot queue goes by uid alone.
   */
  readonly role?: 'network' | 'bounce'
}

/** A message on its way to queue. Nothing is queued before finish() has said K. */
export interface Submission {
  /** Add bytes to the message. @returns false if the caller should wait for drained() before it writes more */
  write(bytes: Buffer): boolean
  drained(): Promise<void>
  /** Hand over the envelope and wait for the verdict. Never rejects: trouble is an outcome. */
  finish(sender: string, recipients: Iterable<string>): Promise<Outcome>
  /** Take the message back: queue sees an early end and keeps nothing that counts. */
  abandon(): Promise<Outcome>
}
