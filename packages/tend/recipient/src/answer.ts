/** What is said of a recipient: a verdict for programs, and for a person why. */
import type { Verdict } from '@yabumi/recipientprotocol'

export interface Answer {
  readonly verdict: Verdict
  /** Why, for a person. Byte string. */
  readonly because: string
}

export function known(because: string): Answer {
  return { verdict: 'known', because }
}

export function unknown(because: string): Answer {
  return { verdict: 'unknown', because }
}

export function uncertain(because: string): Answer {
  return { verdict: 'uncertain', because }
}
