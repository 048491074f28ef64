/** What a session knows of its connection, whatever carries it, and of the other sessions. */
import type { ListJudge } from '@yabumi/dnslists'
import type { Ends } from '@yabumi/received'
import type { TlsFacts } from '@yabumi/tlsfiles'
import type { Counted } from './counted.ts'
import type { EnvelopeMemory } from './envelopememory.ts'
import type { Logins } from './logins.ts'
import type { SharedGreylist } from './sharedgreylist.ts'
import type { UserLimits } from './userlimits.ts'
import type { UserQuestions } from './userquestions.ts'

/** Both ends of the connection, as the Received field shows them. */
export interface Client extends Omit<Ends, 'remoteHost'> {
  /** The client's name, or a promise of it that never rejects. */
  readonly remoteHost: string | Promise<string>
}

/** What carries the bytes. */
export interface Wire {
  /** Send a byte string. @returns false if the client should read first: see drained() */
  send(replies: string): boolean
  /** Resolves when there is room again, or no connection. */
  drained(): Promise<void>
  /** Deliver no more input until resume(); what comes nevertheless is kept. */
  pause(): void
  resume(): void
  /**
   * Begin TLS: what is sent and received from now on is under it.
   *
   * @returns what was agreed on, or in words why nothing was. Never rejects
   */
  startTls(): Promise<TlsFacts | string>
  /** End the connection once everything sent is on its way. */
  close(exitCode: 0 | 1): void
}

/** TLS as a session finds it. */
export interface SessionTls {
  /** Of the session; undefined as long as it is in clear. */
  facts: TlsFacts | undefined
  /** Whether there is a certificate. */
  readonly isAvailable: boolean
  /** Count a handshake. @returns whether this client may have one now */
  admits(): boolean
}

/** Where nobody can have it. @param facts - of the program that speaks it for us */
export function noTls(facts?: TlsFacts): SessionTls {
  return { facts, isAvailable: false, admits: () => false }
}

/** What all sessions of one smtpd share. */
export interface Shared {
  readonly memory: EnvelopeMemory
  readonly users: UserQuestions
  /** How much each login may send; undefined where nobody counts. */
  readonly limits?: UserLimits | undefined
  /** What strangers do; undefined for one connection alone. */
  readonly counted?: Counted | undefined
  /** Who is put off; undefined for one connection alone. */
  readonly greylist?: SharedGreylist | undefined
  /** What lists in the DNS say. */
  readonly listJudge: () => Promise<ListJudge>
  /** Who judges logins; undefined where nobody does. */
  readonly logins: Logins | undefined
}
