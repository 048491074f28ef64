/**
 * The POP3 dialogue before login (RFC 1939 §4, spec §6.1).
 *
 * As qmail has it, one login ends it. With control/popextensions a wrong one is answered after a while and the client
 * may try again, popTries times in all.
 */
import { popTries, popWrongSeconds } from '@yabumi/limits'
import {
  type Answer,
  type Client,
  type Credentials,
  type NoLine,
  type Sasl,
  type Terms,
  type TlsTerms,
  tlsBegins,
} from '@yabumi/loginclient'
import { capabilities, coded, parseCommand, refusal } from '@yabumi/pop3'

/** What a client finds at the door of POP3. */
export interface PopTerms extends Terms {
  /** Whether it speaks more than qmail's POP3. */
  readonly isExtended: boolean
}

/**
 * Talk to the client until it has been served, or has to go, or asks for TLS.
 *
 * @param isGreeted - it has heard its greeting in clear
 * @returns the last words to it, which are not said yet; empty if there are none
 */
export async function converse(client: Client, terms: PopTerms, isGreeted = false): Promise<string | typeof tlsBegins> {
  const { isExact, isExtended, tls, admit } = terms
  const sasl = isExtended ? terms.sasl : undefined
  let { challenge } = terms
  if (!isGreeted) await client.say(`+OK ${challenge ?? 'POP3'}`)
  for (let tries = 1; ; tries += 1) {
    const credentials = await credentialsOf(client, { challenge, isExact, isExtended, tls, sasl })
    if (credentials === tlsBegins) return tlsBegins
    if (credentials === undefined) return lastWord(client.noLine, isExtended)
    const { isWrong, word } = 'mechanism' in credentials ? await logInBy(sasl, credentials, client) : await admit(credentials)
    client.regain()
    if (!isExtended) return word
    if (!isWrong) return coded(word, 'SYS/TEMP')
    await client.pause(popWrongSeconds)
    if (tries === popTries) return coded(word, 'AUTH')
    await client.say(coded(word, 'AUTH'))
    challenge = undefined
  }
}

type Offer = Omit<PopTerms, 'admit'>

/** AUTH with a mechanism. */
interface Exchange {
  readonly mechanism: string
  readonly initial: string
}

async function logInBy(sasl: Sasl | undefined, { mechanism, initial }: Exchange, client: Client): Promise<Answer> {
  if (sasl === undefined) return { isWrong: true, word: '-ERR no AUTH here' }
  return sasl.logIn(mechanism, initial, async (challenge) => {
    await client.say(`+ ${challenge}`)
    const line = await client.nextLine()
    return line === '*' ? undefined : line
  })
}

/** @returns undefined if the client has said QUIT, or says nothing more */
async function credentialsOf(
  client: Client,
  { challenge, isExact, isExtended, tls, sasl }: Offer,
): Promise<Credentials | Exchange | typeof tlsBegins | undefined> {
  let login: string | undefined
  for (;;) {
    const line = await client.nextLine()
    if (line === undefined) return undefined
    const { verb, argument, exact } = parseCommand(line)
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
    if (verb === 'auth' && sasl !== undefined && argument !== '') {
      const [mechanism = '', initial = ''] = argument.split(/ +/)
      return { mechanism: mechanism.toUpperCase(), initial }
    }
    const names = sasl !== undefined && (verb === 'capa' || verb === 'auth') ? await sasl.mechanisms() : []
    const reply = isExtended ? extendedReply(verb, argument, tls, names) : undefined
    if (reply === goAhead && client.isAhead()) return undefined // in clear, so anybody's on the way (RFC 2595 §4)
    await client.say(reply ?? replyTo(verb, argument, login, challenge !== undefined))
    if (reply === goAhead) return tlsBegins
  }
}

const goAhead = '+OK TLS begins'

/** The answer to a command that qmail does not have; undefined for the others. */
function extendedReply(verb: string, argument: string, tls: TlsTerms, mechanisms: readonly string[]): string | undefined {
  const isOffered = typeof tls === 'object'
  const sasl = mechanisms.length > 0 ? [`SASL ${mechanisms.join(' ')}`] : []
  if (verb === 'capa') return capabilities([...(isOffered ? ['STLS'] : []), ...sasl])
  if (verb === 'auth' && mechanisms.length > 0) return ['+OK mechanisms follow', ...mechanisms, '.'].join('\r\n')
  if (verb !== 'stls' || tls === 'none') return undefined
  if (!isOffered) return '-ERR TLS is on already'
  if (argument !== '') return '-ERR STLS takes no argument'
  return tls.mayBegin() ? goAhead : '-ERR [SYS/TEMP] too many handshakes from your network, try again later'
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

export const crowded = 'too many connections, try again later'

/** What is said to a client of which no line comes, and why. */
function lastWord(noLine: NoLine | undefined, isExtended: boolean): string {
  if (noLine === 'too much') return '-ERR too much talk before login'
  if (noLine === 'crowded') return refusal(crowded, 'SYS/TEMP', isExtended)
  return noLine === 'dismissed' && isExtended ? refusal('this server is about to stop, try again later', 'SYS/TEMP', isExtended) : ''
}
