/** What stands behind the dialogue before login: who judges a login, and serves the client then. */
import type { Socket } from 'node:net'
import type { Ends, Rule } from '@yabumi/listener'
import type { Credentials } from './login.ts'

export interface Visitor {
  readonly socket: Socket
  readonly ends: Ends
  readonly rule: Rule | undefined
}

/** One client at the door. */
export interface Knock {
  /** What it is greeted with for APOP, in angle brackets; undefined where there is no APOP. */
  readonly challenge: string | undefined
  /** Whether blanks at the beginning of a password count. */
  readonly isExact: boolean
  /**
   * Have the login judged and the client served.
   *
   * @returns when that is over: the last words to the client, who is still ours; empty if there are none
   */
  admit(credentials: Credentials, visitor: Visitor): Promise<string>
  /** It has gone without a login. */
  leave(): void
}

export interface Behind {
  knock(): Promise<Knock>
  /** End every session, and each that begins after that, because we have to go. */
  endSessions(): void
}
