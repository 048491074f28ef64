/** What stands after the dialogue before login: who judges a login, and serves the client then. */
import type { Ends, Rule } from '@yabumi/listener'
import type { Answer, ClientLog, Credentials, Sasl, Terms } from '@yabumi/loginclient'

/** A client with a connection of ours. */
export interface Visitor {
  /** Descriptor of the connection, or of what leads to it. */
  readonly fd: number
  readonly ends: Ends
  readonly rule: Rule | undefined
  readonly log: ClientLog | undefined
  /** Keep nothing of the connection: somebody else has it. */
  readonly letGo: () => void
}

/** One client at the door. */
export interface Knock extends Pick<Terms, 'challenge' | 'isExact'> {
  /** @param words - what the program that serves it is told besides */
  admit(credentials: Credentials, visitor: Visitor, words?: readonly string[]): Promise<Answer>
  /**
   * Logins by a mechanism; undefined where nobody judges them.
   *
   * @param binding - of the client's channel (RFC 9266); undefined where it has none
   */
  saslFor?(visitor: () => Visitor, binding: Buffer | undefined): Sasl
  /** It has gone, served or not. */
  leave(): void
}

export interface Behind {
  knock(): Promise<Knock>
  /** End every session, and each that begins after that, because we have to go. */
  endSessions(): void
}
