/** Whether queue is resident or started, a message goes to it alike: bytes, then the envelope, then one verdict. */
import type { Outcome } from './outcome.ts'

/** How one message goes to queue: through a connection, or to a program. */
export interface Way {
  /**
   * Add bytes to the message. The buffer must not change afterwards.
   *
   * @returns false if the caller should wait for drained() before it writes more
   */
  write(bytes: Buffer): boolean
  /** Resolves when there is room again; at once if queue is gone, because finish() will tell. */
  drained(): Promise<void>
  /** Hand over the envelope and wait for the verdict. Never rejects: trouble is an outcome. */
  finish(sender: string, recipients: Iterable<string>): Promise<Outcome>
  /** Take the message back: queue sees an early end and keeps nothing that counts. */
  abandon(): Promise<Outcome>
}

/** The way of a message that could not even begin: it takes everything and keeps nothing, and its outcome is known. */
export function noWay(outcome: Outcome): Way {
  return { write: () => true, drained: async () => undefined, finish: async () => outcome, abandon: async () => outcome }
}
