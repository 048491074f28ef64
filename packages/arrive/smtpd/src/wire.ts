/** What a session knows of its connection, whatever carries it, and of the other sessions. */
import type { Ends } from '@yabumi/received'
import type { EnvelopeMemory } from './envelopememory.ts'
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
  /** End the connection once everything sent is on its way. */
  close(exitCode: 0 | 1): void
}

/** What all sessions of one smtpd share. */
export interface Shared {
  readonly memory: EnvelopeMemory
  readonly users: UserQuestions
}
