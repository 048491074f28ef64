/**
 * Clients that a rule keeps out with RBLSMTPD: they hear why, as rblsmtpd in front of smtpd tells them (spec §10.2).
 *
 * A client that is denied tries again without knowing why; this one is told, and can send nothing meanwhile.
 */
import type { Reaction } from './replies.ts'

const textBytes = 200

/**
 * What RBLSMTPD says to a client.
 *
 * @param value - a byte string; undefined and empty block nobody
 * @returns the reply without its line end: 451, or 553 if the value begins with a hyphen, and the text, in which every byte that
 *   is not printable ASCII is `?`; undefined if the client is not blocked
 */
export function blockingReply(value: string | undefined): string | undefined {
  if (value === undefined || value === '') return undefined
  const [code, text] = value[0] === '-' ? [553, value.slice(1)] : [451, value]
  return `${code} ${text.slice(0, textBytes).replace(/[^ -~]/g, '?')}`
}

/** The dialogue with a blocked client: it may say hello, name a sender and leave. */
export function reactBlocked(verb: string, { blocked, greeting }: { blocked: string; greeting: string }): Reaction {
  switch (verb) {
    case 'quit':
      return { reply: `221 ${greeting}\r\n`, next: 'quit' }
    case 'helo':
    case 'ehlo':
    case 'mail':
    case 'rset':
    case 'noop':
      return { reply: `250 ${greeting}\r\n` }
    default:
      return { reply: `${blocked}\r\n` }
  }
}
