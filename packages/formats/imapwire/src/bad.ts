/** The two ways in which a command is not carried out: the client is wrong, or the server will not (RFC 9051 §7.1). */

/** The command breaks the grammar: answer BAD. Its message is for people. */
export class BadCommand extends Error {
  override readonly name = 'BadCommand'
}

/** The command is well formed and refused: answer NO. Its message is for people. */
export class RefusedCommand extends Error {
  override readonly name = 'RefusedCommand'
  /** What stands in brackets of the answer, without them: `BADCHARSET (US-ASCII UTF-8)`; undefined for none. */
  readonly code: string | undefined

  constructor(message: string, code?: string) {
    super(message)
    this.code = code
  }
}
