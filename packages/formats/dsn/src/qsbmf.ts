/**
 * The bounces of qmail and of those who follow it (QSBMF). An introduction begins with `Hi. This is the`. A paragraph
 * for each recipient follows, then one that begins with `-`, and the message.
 */
import { withoutEnd } from '@yabumi/blanks'
import { diagnosticBytes, statusRecipients } from '@yabumi/limits'

export interface QsbmfRecipient {
  readonly address: string
  /** All lines in one, cut to the limit. */
  readonly reason: string
  /** The first `#5.1.1` in the reason, else 5.0.0. */
  readonly status: string
}

export interface Qsbmf {
  /** Who wrote it, if it says so as qmail does. */
  readonly host: string | undefined
  readonly recipients: readonly QsbmfRecipient[]
}

const opening = 'Hi. This is the '

/** @param bytes - the text @returns undefined if it is no such bounce */
export function readQsbmf(bytes: Buffer): Qsbmf | undefined {
  const [first, ...others] = paragraphs(bytes)
  if (first?.[0]?.startsWith(opening) !== true) return undefined
  const host = / program at ([A-Za-z0-9._:[\]-]{1,255})\.$/.exec(first[0])?.[1]
  const recipients: QsbmfRecipient[] = []
  for (const [head = '', ...lines] of others) {
    if (head.startsWith('-') || recipients.length >= statusRecipients) break
    if (head.startsWith('<') && head.endsWith('>:')) recipients.push(recipientOf(head.slice(1, -2), lines))
  }
  return { host, recipients }
}

function recipientOf(address: string, lines: readonly string[]): QsbmfRecipient {
  const reason = lines
    .map((line) => line.trim())
    .join(' ')
    .slice(0, diagnosticBytes)
  return { address, reason, status: statusIn(reason) ?? '5.0.0' }
}

/** The first status that a report names as qmail's programs do: `#5.1.1`. */
export function statusIn(report: string): string | undefined {
  return /#([245]\.[0-9]{1,3}\.[0-9]{1,3})/.exec(report)?.[1]
}

function* paragraphs(bytes: Buffer): Generator<string[]> {
  let lines: string[] = []
  for (const end of bytes.toString('latin1').split('\n')) {
    const line = withoutEnd(end)
    if (line !== '') lines.push(line)
    else if (lines.length > 0) {
      yield lines
      lines = []
    }
  }
  if (lines.length > 0) yield lines
}
