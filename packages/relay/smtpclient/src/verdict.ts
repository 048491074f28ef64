/** What an answer of the host means for what was asked (RFC 5321 §4.2.1). */
import type { Reply } from '@yabumi/smtp'
import { OutOfStep } from './connection.ts'

/** Which codes are good: a single one, any 2xx, none. */
export type Good = number | 'any' | 'none'
type Severity = 'good' | 'Z' | 'D'

export interface Answer extends Reply {
  readonly severity: Severity
}

/** @throws OutOfStep if that is no answer to what was asked */
export function judge(reply: Reply, good: Good): Answer {
  const severity = severityOf(reply.code, good)
  if (severity === undefined) throw new OutOfStep('an answer that does not fit', reply.text)
  return { ...reply, severity }
}

export function severityOf(code: number, good: Good): Severity | undefined {
  const group = Math.floor(code / 100)
  if (group === 4) return 'Z'
  if (group === 5) return 'D'
  return code === good || (good === 'any' && group === 2) ? 'good' : undefined
}
