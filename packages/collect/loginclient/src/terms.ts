/** What a client finds at a door where people log in, whatever the protocol that it speaks there. */

/** What the client has said; byte strings without NUL. */
export interface Credentials {
  /** On descriptor 3 nothing tells it: a program that checks them must try both. */
  readonly method: 'pass' | 'apop'
  readonly login: string
  /** The password, or the digest of APOP. */
  readonly secret: string
}

/** What became of a login. */
export interface Answer {
  /** It is not right, and nobody else has the connection: the client may try another one. */
  readonly isWrong: boolean
  /** What the client hears, who is still ours; empty if there is nothing to say. */
  readonly word: string
}

/** TLS: there is none, the client may ask for it, or it has it. */
export type TlsTerms = 'none' | 'on' | { mayBegin(): boolean }

/** The client has asked for TLS, and been told that it begins now: nothing was read beyond that. */
export const tlsBegins: unique symbol = Symbol('TLS begins')

/** Logins by a mechanism, judged by somebody else. */
export interface Sasl {
  /** Names, the best first. Never rejects */
  mechanisms(): Promise<readonly string[]>
  /**
   * Have a login judged and the client served, as admit() does.
   *
   * @param initial - base64; `=` if it is empty, empty if there is none
   * @param ask - says a challenge to the client, and gives its response, both in base64; undefined if it gives up, or goes
   * @param words - of admit()
   */
  logIn(
    mechanism: string,
    initial: string,
    ask: (challenge: string) => Promise<string | undefined>,
    words?: readonly string[],
  ): Promise<Answer>
}

export interface Terms {
  /** Unique to this connection, in angle brackets: what APOP's digest is made over, once; undefined: there is no APOP. */
  readonly challenge: string | undefined
  /** Whether the password is everything behind PASS and one blank; else qmail's: blanks in front of it do not count. */
  readonly isExact: boolean
  readonly tls: TlsTerms
  /** Undefined where no mechanism may be used: in clear from afar, or because nobody judges it. */
  readonly sasl?: Sasl | undefined
  /**
   * Have a login judged and the client served.
   *
   * @param words - what the program that serves it is told besides
   * @returns when that is over
   */
  admit(credentials: Credentials, words?: readonly string[]): Promise<Answer>
}
