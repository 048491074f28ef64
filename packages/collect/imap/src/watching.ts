/** How a session hears of other mailboxes, and of which news of its own it wants (RFC 5465). */
import type { Selected } from './selected.ts'

/** What a client hears that said NOTIFY (RFC 5465). */
export interface Watching {
  /** Of the selected mailbox; undefined for nothing. */
  readonly selected: { readonly filter: string; readonly events: ReadonlySet<string> } | undefined
  /** Tell what has changed elsewhere. */
  tell(): Promise<void>
  /** Tell what is wanted of messages that have come. @param last - the highest UID before */
  tellArrived(selected: Selected, last: number): Promise<void>
  /** Another mailbox may be selected now. */
  follow(): void
  end(): void
}
