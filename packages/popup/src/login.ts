/** The POP3 dialogue before login (RFC 1939 §4, spec §6.1). */
import type { Client } from './client.ts'

/** What the client has said; byte strings without NUL. On descriptor 3 nothing tells the method: the program that checks them must try both. */
export interface Credentials {
  readonly method: 'pass' | 'apop'
  readonly login: string
  /** The password of PASS, or the digest of APOP. */
  readonly secret: string
}

/**
 * Greet the client and talk to it until it has sent credentials.
 *
 * @param challenge - unique to this connection, in angle brackets: what APOP's digest is made over; undefined: there is no APOP
 * @param isExact - whether the password is everything behind PASS and one blank; else qmail's: blanks in front of it do not count
 * @returns undefined if it has left without, or has to
 */
export async function logIn(client: Client, challenge: string | undefined, isExact: boolean): Promise<Credentials | undefined> {
  let login: string | undefined
  await client.say(`+OK ${challenge ?? 'POP3'}`)
  for (;;) {
    const line = await client.nextLine()
    if (line === undefined) break
    const { verb, argument, exact } = parse(line)
    const blank = argument.indexOf(' ')
    if (verb === 'quit') {
      await client.say('+OK ')
      return undefined
    }
    const secret = isExact ? exact : argument
    if (verb === 'pass' && login !== undefined && secret !== '') return { method: 'pass', login, secret }
    if (verb === 'apop' && blank >= 0 && challenge !== undefined) {
      return { method: 'apop', login: argument.slice(0, blank), secret: argument.slice(blank + 1) }
    }
    if (verb === 'user' && argument !== '') login = argument
    await client.say(replyTo(verb, argument, login, challenge !== undefined))
  }
  if (client.noLine === 'too much') await client.say('-ERR too much talk before login')
  return undefined
}

/** The answer to a command that neither ends the dialogue nor completes the credentials. */
function replyTo(verb: string, argument: string, login: string | undefined, hasApop: boolean): string {
  switch (verb) {
    case 'noop':
      return '+OK '
    case 'user':
      return argument === '' ? '-ERR syntax error' : '+OK '
    case 'pass':
      return login === undefined ? '-ERR USER first' : '-ERR syntax error'
    case 'apop':
      return hasApop ? '-ERR syntax error' : '-ERR no APOP here; say USER and PASS'
    default:
      return '-ERR authorization first'
  }
}

/** The verb ends at the first blank; a NUL ends the line, a CR at its end does not count (spec §5.1, the same reader). */
function parse(line: string): { verb: string; argument: string; exact: string } {
  const text = line.replace(/\r$/, '').replace(/\0.*$/s, '')
  const blank = text.indexOf(' ')
  if (blank < 0) return { verb: text.toLowerCase(), argument: '', exact: '' }
  return { verb: text.slice(0, blank).toLowerCase(), argument: text.slice(blank).replace(/^ +/, ''), exact: text.slice(blank + 1) }
}
