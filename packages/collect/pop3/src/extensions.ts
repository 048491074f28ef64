/**
 * What POP3 has beyond qmail's: CAPA (RFC 2449) and response codes (RFC 2449 §8, RFC 3206), where control/popextensions
 * is 1.
 */

/**
 * The reply to CAPA, with its last dot. The same before and after login, as RFC 2449 §5 wants it of all that is there before, STLS apart.
 *
 * PIPELINING is true at the login too: popup reads no byte beyond a line, so what was sent with it is there for pop3d.
 *
 * @param more - what only this client has now
 */
export function capabilities(more: readonly string[] = []): string {
  return ['+OK capabilities follow', ...always, ...more, '.'].join('\r\n')
}

const always: readonly string[] = [
  'USER',
  'TOP',
  'UIDL',
  'RESP-CODES',
  'AUTH-RESP-CODE',
  'PIPELINING',
  'EXPIRE NEVER',
  'IMPLEMENTATION yabumi',
]

/** What a refusal has to do with: the login, this moment, this mailbox for good, others who use it (RFC 3206, RFC 2449 §8.1.2). */
export type Code = 'AUTH' | 'SYS/TEMP' | 'SYS/PERM' | 'IN-USE'

/** Put the code into a refusal that has none yet; any other text stays as it is. */
export function coded(reply: string, code: Code): string {
  return reply.replace(/^-ERR (?!\[)/, `-ERR [${code}] `)
}

/** The reply that refuses something, with its code where clients know codes. */
export function refusal(reason: string, code: Code, isExtended: boolean): string {
  return isExtended ? coded(`-ERR ${reason}`, code) : `-ERR ${reason}`
}
