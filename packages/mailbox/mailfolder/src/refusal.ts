/** Why something was not done, by the response code that an IMAP client hears (RFC 5530). */

export type RefusalCode =
  | 'ALREADYEXISTS'
  | 'CANNOT'
  | 'LIMIT'
  | 'NONEXISTENT'
  | 'OVERQUOTA'
  | 'INUSE'
  | 'EXPUNGEISSUED'
  | 'METADATA TOOMANY'

/** A clear no. All other errors are the system's: the mailbox cannot be served now. */
export class Refusal extends Error {
  override readonly name = 'Refusal'
  readonly code: RefusalCode

  constructor(code: RefusalCode, message: string) {
    super(message)
    this.code = code
  }
}
