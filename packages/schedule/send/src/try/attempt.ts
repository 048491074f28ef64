/** One delivery as the channel sees it: whom to, and who is told what came of it. */
import type { Facts } from '@yabumi/facts'
import type { MessageId } from '@yabumi/queuedir'

/** How a delivery ends; `mangled` is a report that cannot be understood, and counts as a deferral. */
export type Verdict = 'success' | 'failure' | 'deferral' | 'mangled'

export interface Attempt {
  readonly id: MessageId
  readonly sender: string
  readonly recipient: string
  /** Of the message, and of the recipient as of the only one. */
  readonly facts: Facts
  /** The message has been in the queue too long: what is deferred now fails. */
  readonly dying: boolean
  /** A bounce for elsewhere, or what a stranger sends through here (origin.ts). */
  readonly doubtful: boolean
  /** Called once, unless it is given back. @param text - of the report, without its letter */
  ended(verdict: Verdict, text: string): void
  /** The slot is for somebody else: it waits again as if it had not been started. */
  givenBack(): void
}
