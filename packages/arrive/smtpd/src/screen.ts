/**
 * What a stranger has to pass: a client that may not relay, and is not this host.
 *
 * A session has one, and all of them share what is counted of clients. Without its control files nobody notices it.
 */
import { isIP } from 'node:net'
import type { ClientRate } from '@yabumi/listener'
import { asksSpf, type CheckSettings } from './checksettings.ts'
import type { Counted } from './counted.ts'
import type { Stranger } from './examination.ts'
import type { GreylistQuestions } from './greylistquestions.ts'
import type { ListQuestions } from './listquestions.ts'
import type { Question as Named } from './recipientcheck.ts'
import { type Reaction, reply } from './replies.ts'
import type { Settings } from './settings.ts'
import type { SenderChecks } from './transaction.ts'

/** Whether nobody vouches for a client: programs of this host are its operator's own, and who may not send before a login has limits of its own. */
export function isStranger(address: string, { relayClient, isSubmission }: Pick<Settings, 'relayClient' | 'isSubmission'>): boolean {
  return relayClient === undefined && !isSubmission && address !== '127.0.0.1' && address !== '::1'
}

export class Screen {
  readonly #address: string
  /** Undefined for one connection alone. */
  readonly #counted: Counted | undefined
  readonly #lists: ListQuestions
  readonly #greylist: GreylistQuestions | undefined
  #errors = 0
  #badRecipients = 0

  /** @param lists - what they say of this client */
  constructor(address: string, counted: Counted | undefined, lists: ListQuestions, greylist: GreylistQuestions | undefined) {
    this.#greylist = greylist
    this.#address = address
    this.#lists = lists
    this.#counted = counted
  }

  /** A client names a sender. @returns the refusal */
  refusesMessage(settings: Settings): Reaction | undefined {
    const { messageRate } = settings.screen
    return this.#exceeds(this.#counted?.messages, messageRate, settings) ? { reply: reply.tooManyMessagesOfYours } : undefined
  }

  /**
   * A client has named a sender.
   *
   * @returns the refusal, or what is done about its message; undefined where nothing is to be found out. Never rejects
   */
  checks(sender: string, helo: string | undefined, settings: Settings): Promise<Reaction | SenderChecks> | undefined {
    const { checks } = settings
    if (!isStranger(this.#address, settings)) return undefined
    const stranger = { ip: this.#address, helo: helo ?? '', sender }
    return asksSpf(checks, this.#address) || checks.level > 0 ? checkSender(stranger, checks) : undefined
  }

  /** A client names a recipient, whom the lists have passed. @returns the refusal. @throws Trouble if a cdb cannot be read */
  refusesRecipient(named: Named, settings: Settings): Reaction | undefined {
    const { badHelos, recipientRate } = settings.screen
    if (badHelos?.entryForHost(named.helo ?? '') !== undefined) return { reply: reply.badHelo }
    if (!isStranger(this.#address, settings)) return undefined
    if (this.#exceeds(this.#counted?.recipients, recipientRate, settings)) return { reply: reply.tooManyRecipientsOfYours }
    const refusal = refusalOfStranger(named, settings)
    return refusal === undefined ? undefined : { reply: refusal }
  }

  /** What has to be asked about a recipient's message. @returns undefined where nothing is; else the refusal, if any. Never rejects */
  asksAbout(named: Named, settings: Settings): Promise<Reaction | undefined> | undefined {
    const { lists } = settings.screen
    if (lists === undefined || !isStranger(this.#address, settings) || isForTheOperator(named.recipient)) return undefined
    return this.#lists.ask(named, lists).then((refusal) => (refusal === undefined ? undefined : { reply: refusal }))
  }

  /** A recipient would be taken: whether the stranger has to come back for that. @returns undefined where nothing is to be asked. Never rejects */
  putsOff(named: Named, settings: Settings): Promise<Reaction | undefined> | undefined {
    const { lists, greylists } = settings.screen
    const greylist = this.#greylist
    if (greylists === 'nobody' || greylist === undefined) return undefined
    if (!isStranger(this.#address, settings) || isForTheOperator(named.recipient)) return undefined
    const listed = lists && this.#lists.verdict(named.helo ?? '', named.sender, lists)
    const asked = Promise.resolve(listed).then((verdict) => greylist.ask(named, settings, verdict))
    return asked.then((refusal) => (refusal === undefined ? undefined : { reply: refusal }))
  }

  /** Each reply passes here. @returns the one that ends the session in its place */
  lastWord({ reply: answer, next }: Reaction, toRecipient: boolean, settings: Settings): Reaction | undefined {
    if (answer[0] !== '5' || next !== undefined || !isStranger(this.#address, settings)) return undefined
    const { errorLimit, badRecipientsLimit } = settings.screen
    this.#errors += 1
    if (toRecipient) this.#badRecipients += 1
    if (badRecipientsLimit > 0 && this.#badRecipients > badRecipientsLimit) return { reply: reply.tooManyBadRecipients, next: 'abort' }
    return errorLimit > 0 && this.#errors > errorLimit ? { reply: reply.tooManyErrors, next: 'abort' } : undefined
  }

  #exceeds(rate: ClientRate | undefined, most: number, settings: Settings): boolean {
    return most > 0 && rate !== undefined && isStranger(this.#address, settings) && !rate.admits(this.#address, most)
  }
}

/** Whoever is kept out by mistake writes there (RFC 5321 §4.5.1, RFC 2142). */
function isForTheOperator(recipient: string): boolean {
  return /^(?:postmaster|abuse)(?:@|$)/i.test(recipient)
}

async function checkSender(stranger: Stranger, checks: CheckSettings): Promise<Reaction | SenderChecks> {
  const found = asksSpf(checks, stranger.ip) ? await (await import('./spf.ts')).judgeSender(stranger, checks) : undefined
  if (found?.refusal !== undefined) return { reply: found.refusal }
  const top = found?.field ?? ''
  if (checks.level === 0) return { top }
  const { Examination } = await import('./examination.ts') // late, both: homes that check nothing need none of it
  return { top, examine: () => new Examination(stranger, checks, found?.spf) }
}

function refusalOfStranger({ helo = '', sender, recipient }: Named, settings: Settings): string | undefined {
  const { badHelosOfStrangers, checksHelo, badSenders, badRecipients } = settings.screen
  if (badHelosOfStrangers?.entryForHost(helo) !== undefined) return reply.badHelo
  if (checksHelo && isOurName(helo, settings)) return reply.ownHelo
  if (badSenders?.has(sender)) return reply.badStrangersSender
  return badRecipients?.has(recipient) ? reply.badStrangersRecipient : undefined
}

/** This host's name, or one of its addresses. */
function isOurName(helo: string, { hostName, greeting, ownAddresses }: Settings): boolean {
  const name = helo.toLowerCase().replace(/\.$/, '')
  const [, literal = name] = /^\[(.*)\]$/.exec(name) ?? []
  if (isIP(literal) !== 0) return ownAddresses.has(literal)
  return name !== '' && (name === hostName.toLowerCase() || name === (greeting.split(' ', 1)[0] as string).toLowerCase())
}
