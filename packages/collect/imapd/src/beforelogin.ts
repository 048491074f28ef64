/**
 * The IMAP dialogue before login (RFC 9051 §6.1, §6.2).
 *
 * A login that is right is answered by the program that serves the client, which is told the tag. Everything else is
 * answered here.
 *
 * Bound   imapTries wrong logins, imapBadCommands commands that are none, and the limits of Client
 */
import { Arguments, BadCommand, type Command, CommandReader, parseId } from '@yabumi/imapwire'
import { imapBadCommands, imapTries, popWrongSeconds, sessionWordBytes } from '@yabumi/limits'
import { type Answer, type Client, type NoLine, type Terms, tlsBegins } from '@yabumi/loginclient'
import { capabilitiesOf } from './capabilities.ts'
import { phrases } from './phrases.ts'

/** The dialogue goes on; or it is over, with these last words. */
type After = undefined | string | typeof tlsBegins

export class BeforeLogin {
  readonly #client: Client
  readonly #terms: Terms
  readonly #reader = new CommandReader(false)
  #wrong = 0
  #bad = 0

  constructor(client: Client, terms: Terms) {
    this.#client = client
    this.#terms = terms
  }

  /** As of Dialogue. */
  async converse(isGreeted: boolean): Promise<string | typeof tlsBegins> {
    if (!isGreeted) await this.#client.say(`* OK [CAPABILITY ${await capabilitiesOf(this.#terms)}] yabumi ready`)
    for (;;) {
      const bytes = await this.#client.nextBytes()
      if (bytes === undefined) return lastWord(this.#client.noLine)
      this.#reader.push(Buffer.from(bytes, 'latin1'))
      const after = await this.#answerAll()
      if (after !== undefined) return after
    }
  }

  async #answerAll(): Promise<After> {
    for (let event = this.#reader.next(); event !== undefined; event = this.#reader.next()) {
      const after = await this.#answerEvent(event)
      if (after !== undefined) return after
    }
    return undefined
  }

  async #answerEvent(event: NonNullable<ReturnType<CommandReader['next']>>): Promise<After> {
    switch (event.kind) {
      case 'continue':
        await this.#client.say('+ OK')
        return undefined
      case 'command':
        return this.#answer(event)
      case 'message':
        this.#reader.refuse()
        return this.#isBad(event.tag, 'log in first')
      case 'tooBig':
        return this.#isBad(event.tag, 'the literal is too long')
      case 'bad':
        return this.#isBad(event.tag, event.why)
      case 'bye':
        return `* BYE ${event.why}`
      default:
        return undefined
    }
  }

  async #answer(command: Command): Promise<After> {
    try {
      return await this.#carryOut(command, new Arguments(command.args))
    } catch (error) {
      if (!(error instanceof BadCommand)) throw error
      return this.#isBad(command.tag, error.message)
    }
  }

  async #carryOut({ tag, name, args: words }: Command, args: Arguments): Promise<After> {
    const say = (line: string): Promise<void> => this.#client.say(line)
    switch (name) {
      case 'CAPABILITY':
        args.end()
        await say(`* CAPABILITY ${await capabilitiesOf(this.#terms)}\r\n${tag} OK that is all`)
        return undefined
      case 'NOOP':
        args.end()
        await say(`${tag} OK nothing was done`)
        return undefined
      case 'ID':
        parseId(words)
        await say(`* ID ("name" "yabumi")\r\n${tag} OK nice to meet you`)
        return undefined
      case 'LOGOUT':
        args.end()
        return `* BYE see you again\r\n${tag} OK you are logged out`
      case 'STARTTLS':
        args.end()
        return this.#startTls(tag)
      case 'LOGIN':
        return this.#logIn(tag, args)
      case 'AUTHENTICATE':
        return this.#authenticate(tag, args)
      default:
        return this.#isBad(tag, `${name} is unknown before login`)
    }
  }

  async #startTls(tag: string): Promise<After> {
    const { tls } = this.#terms
    if (typeof tls !== 'object') return this.#isBad(tag, tls === 'on' ? 'TLS is on already' : 'there is no TLS here')
    if (!tls.mayBegin()) {
      await this.#client.say(`${tag} NO [LIMIT] too many handshakes from your network, try again later`)
      return undefined
    }
    if (this.#client.isAhead()) return '' // in clear, so anybody's on the way (RFC 2595 §4)
    await this.#client.say(`${tag} OK TLS begins`)
    return tlsBegins
  }

  async #logIn(tag: string, args: Arguments): Promise<After> {
    const login = args.astring('login')
    const secret = args.astring('password')
    args.end()
    if (this.#terms.sasl === undefined) return this.#refuse(tag, 'NO [PRIVACYREQUIRED] TLS first')
    if (tag.length > sessionWordBytes) return this.#isBad('*', 'that tag is too long')
    return this.#judged(tag, await this.#terms.admit({ method: 'pass', login, secret }, [tag]))
  }

  async #authenticate(tag: string, args: Arguments): Promise<After> {
    const mechanism = args.keyword('mechanism')
    const initial = args.atEnd ? '' : args.astring('response')
    args.end()
    const { sasl } = this.#terms
    if (sasl === undefined) return this.#refuse(tag, 'NO [PRIVACYREQUIRED] TLS first')
    if (tag.length > sessionWordBytes) return this.#isBad('*', 'that tag is too long')
    const answer = await sasl.logIn(mechanism, initial, (challenge) => this.#ask(challenge), [tag])
    return this.#judged(tag, answer)
  }

  async #ask(challenge: string): Promise<string | undefined> {
    await this.#client.say(`+ ${challenge}`)
    const line = await this.#client.nextLine()
    return line === '*' ? undefined : line
  }

  async #judged(tag: string, { isWrong, word }: Answer): Promise<After> {
    this.#client.regain()
    if (!isWrong) return word === '' ? '' : `${tag} ${word}`
    if (word === phrases.refused) await this.#client.pause(popWrongSeconds)
    return this.#refuse(tag, word)
  }

  async #refuse(tag: string, word: string): Promise<After> {
    this.#wrong += 1
    await this.#client.say(`${tag} ${word}`)
    return this.#wrong === imapTries ? '* BYE too many logins that are not right' : undefined
  }

  async #isBad(tag: string | undefined, why: string): Promise<After> {
    this.#bad += 1
    await this.#client.say(`${tag ?? '*'} BAD ${why}`)
    return this.#bad === imapBadCommands ? '* BYE too many commands that are none' : undefined
  }
}

/** What is said to a client of which no line comes, and why. */
function lastWord(noLine: NoLine | undefined): string {
  if (noLine === 'too much') return '* BYE [LIMIT] too much talk before login'
  if (noLine === 'crowded') return '* BYE [LIMIT] too many connections, try again later'
  if (noLine === 'silent') return '* BYE you were silent for too long'
  return noLine === 'dismissed' ? '* BYE [UNAVAILABLE] this server is about to stop, try again later' : ''
}
