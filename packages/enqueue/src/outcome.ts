/** What queue said about a submission. `text` is a byte string without the letter, as shown to users (spec §2.2). */
export interface Outcome {
  /** K queued, Z try again, D give up. */
  readonly verdict: 'K' | 'Z' | 'D'
  readonly text: string
  /** The number after `qp` in replies and logs; decimal. */
  readonly qp: string
}
