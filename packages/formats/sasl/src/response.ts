/** What a client's mechanism says to each challenge. */

/** Byte strings; the secret is a password, or the token of OAUTHBEARER and XOAUTH2. */
export interface Credentials {
  readonly login: string
  readonly secret: string
}

/** One exchange with one server. All texts are byte strings, without base64. */
export interface ClientMechanism {
  /** What goes with the mechanism's name; undefined where the server speaks first. */
  readonly initial: string | undefined
  /** @returns what answers the challenge; undefined: give up (`*`), as that server is not to be trusted, or refuses */
  respond(challenge: string): Promise<string | undefined>
  /** Whether a word of success counts: with SCRAM the server must have proven that it knows the password. */
  readonly mayBelieve: boolean
}
