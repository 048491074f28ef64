/**
 * The SMTP dialogue for one message over one connection, from the greeting to the reply to the final dot (spec §2.8.5).
 *
 * In an old home it says nothing that the reference does not say: HELO, one command at a time, each reply awaited. What
 * it believes is stricter. The message goes out after 354 only, and is accepted by 2xx only. A refusal counts whatever
 * becomes of the connection, but not from a host that is out of step. The replies of such a host may belong to other
 * commands than it seems, and so to other recipients.
 */
import { isAscii, splitAddress, withAsciiDomain } from '@yabumi/address'
import type { FactMap } from '@yabumi/facts'
import { Downgrade, type Plan } from '@yabumi/mime'
import { signaturesFor } from '@yabumi/signing'
import { Trouble } from '@yabumi/trouble'
import { Closing, type Connection, ConnectionDied, OutOfStep } from './connection.ts'
import { type Introduction, inClear, introduce } from './introduce.ts'
import { mailTerms, parametersOf, type TermsSettings } from './mailterms.ts'
import { sendMessage, Unreadable } from './message.ts'
import { numberOffered } from './offers.ts'
import type { Settings } from './settings.ts'
import * as texts from './texts.ts'
import { type Answer, type Good, judge, severityOf } from './verdict.ts'
import { senderOutside, wireAddress } from './wire.ts'

/** Who is to get a message. */
export interface Recipient {
  readonly address: string
  readonly facts: FactMap
}

/** One message for one host, and who is to get it there. */
export interface Mail {
  readonly sender: string
  /** The domain of its recipients. */
  readonly host: string
  /** Of the message (spec §14). */
  readonly facts: FactMap
  /** Of the recipients that are known so far, one has other letters than those of ASCII. */
  readonly hasUtf8Recipient: boolean
  /** How many recipients it is for, so far. */
  readonly size: number
  /** There is a connection to this address of the host. */
  connected(address: string): void
  /** The next recipient to name to the host; undefined once there are no more: the message is sent then. */
  nextRecipient(): Recipient | undefined
  /** The host takes no more recipients with this message. @returns whether the one named last waits for another transaction */
  endRecipients(): boolean
  /** What came of the recipient named first of those without a report: a report with the letter r, h or s. */
  reportRecipient(report: string): void
  /** The message, open at its start: to be read from there, but so that it stays there. */
  measuredFd(): number
  /** The message, open at its start; asked for once, when the host wants to have it. */
  messageFd(): number
}

/** How a conversation ends: with a report on the message, and something to do with the connection. */
export interface Ending {
  /** With the letter K, Z or D. */
  readonly report: string
  /** keep: it is fit for another message; quit: QUIT is due; drop: close it without a word. */
  readonly fate: 'keep' | 'quit' | 'drop'
  /** The host did not come to hear of the message: another host of its domain may take it (RFC 5321 §5.1). */
  readonly elsewhere?: true
  /** TLS failed that nobody demanded, and nothing was said: the same host is to be tried without. */
  readonly inClear?: true
}

/**
 * A connection that has carried messages before refuses another one, or is gone, before anybody was named. That says
 * nothing about this message, so it is to be tried on a new connection; only there an answer to MAIL counts.
 */
export const stale = 'stale'

/**
 * Hand a message to the host. Never throws.
 *
 * @param deadline - for the final dot, on the clock of performance.now()
 */
export async function converse(
  connection: Connection,
  mail: Mail,
  introduction: Introduction,
  settings: Pick<Settings, 'just8' | 'just8Hosts'>,
  deadline: number,
): Promise<Ending | typeof stale> {
  connection.begin(deadline)
  mail.connected(connection.address)
  try {
    return await new Conversation(connection, mail, { ...settings, esmtp: introduction.esmtp }).run(introduction)
  } finally {
    connection.endTime()
  }
}

class Conversation {
  readonly #connection: Connection
  readonly #mail: Mail
  readonly #ip: string
  readonly #settings: TermsSettings
  /** What the dialogue has come to. */
  #stage: 'greeting' | 'sender' | 'recipients' | 'message' | 'verdict' = 'greeting'
  /** How the message is to be changed for the host. */
  #plan: Plan | undefined
  /** The host has been told of UTF-8. */
  #utf8 = false
  /** Of the recipients, in order; not told before it is clear that the host is in step. */
  #verdicts: string[] = []
  /** A sender wants to hear of success, and the host will not tell. */
  #isUntold = false

  constructor(connection: Connection, mail: Mail, settings: TermsSettings) {
    this.#connection = connection
    this.#mail = mail
    this.#ip = connection.address
    this.#settings = settings
  }

  async run(introduction: Introduction): Promise<Ending | typeof stale> {
    const used = this.#connection.messages > 0
    try {
      const refusal = used ? undefined : await introduce(this.#connection, introduction)
      if (refusal === inClear) return { report: '', fate: 'drop', inClear: true }
      if (refusal !== undefined) return { report: refusal, fate: 'quit', elsewhere: true }
      return (await this.#nameSender(used)) ?? (await this.#nameRecipients()) ?? (await this.#handOver())
    } catch (error) {
      const broken = error instanceof ConnectionDied || error instanceof OutOfStep || error instanceof Closing
      if (used && broken && this.#stage === 'sender') return stale
      const report = this.#reportOf(error)
      const unheard = this.#stage === 'greeting' || this.#stage === 'sender'
      return unheard && broken ? { report, fate: 'drop', elsewhere: true } : { report, fate: 'drop' }
    }
  }

  #reportOf(error: unknown): string {
    const late = this.#stage === 'verdict'
    if (error instanceof OutOfStep) return (late ? texts.outOfStepLate : texts.outOfStep)(this.#ip, error.message, error.said)
    if (error instanceof Trouble) return texts.noControls
    const isOurs = !(error instanceof ConnectionDied || error instanceof Closing)
    if (isOurs) return error instanceof Unreadable ? texts.unreadable : texts.systemTrouble
    this.#tellVerdicts()
    if (error instanceof Closing) return texts.closing(this.#ip, error.said)
    if (error.overdue) return texts.overdue(this.#ip)
    return late ? texts.diedLate(this.#ip) : texts.died(this.#ip)
  }

  async #nameSender(used: boolean): Promise<Ending | typeof stale | undefined> {
    this.#stage = 'sender'
    const sender = withAsciiDomain(senderOutside(this.#mail.sender))
    const terms = await mailTerms(this.#connection, this.#mail, this.#settings)
    if ('report' in terms) return { ...terms, fate: 'quit' }
    this.#plan = terms.plan
    this.#utf8 = terms.utf8
    const address = wireAddress(sender, terms.utf8)
    if ('fault' in address) return { report: texts.brokenSender(address.fault), fate: 'quit' }
    if (this.#isUnspeakable(sender)) return { report: texts.noUtf8(this.#ip), fate: 'quit' }
    const answer = await this.#ask(`MAIL FROM:<${address.text}>${terms.parameters}`)
    if (answer.severity === 'good') return undefined
    if (used) return stale
    const ending = this.#refuse(answer, texts.badSender(answer.severity, this.#ip, answer.text))
    return answer.code === 421 ? { ...ending, elsewhere: true } : ending
  }

  /** @returns how it ends, unless at least one was accepted */
  async #nameRecipients(): Promise<Ending | undefined> {
    this.#stage = 'recipients'
    let accepted = false
    const most = numberOffered(this.#connection.capabilities, 'LIMITS', 'RCPTMAX=') ?? Number.POSITIVE_INFINITY
    let last: Answer | undefined
    for (let recipient = this.#mail.nextRecipient(); recipient !== undefined; recipient = this.#mail.nextRecipient()) {
      if (this.#isUnspeakable(recipient.address)) {
        // told of it with the next message, the host may take it
        if (accepted && this.#connection.capabilities.has('SMTPUTF8') && this.#mail.endRecipients()) break
        this.#verdicts.push(texts.recipientNeedsUtf8(this.#ip))
        continue
      }
      const address = wireAddress(recipient.address, this.#utf8)
      if ('fault' in address) {
        this.#verdicts.push(texts.brokenRecipient(address.fault))
        continue
      }
      if (this.#verdicts.length >= most && accepted && this.#mail.endRecipients()) break
      last = await this.#ask(`RCPT TO:<${address.text}>${this.#recipientParameters(recipient)}`)
      if (last.code === 552) last = { ...last, severity: 'Z' } // too many recipients is meant (RFC 5321 §4.5.3.1.10)
      if (accepted && (last.code === 452 || last.code === 552) && this.#mail.endRecipients()) break
      this.#verdicts.push(this.#recipientReport(last))
      accepted ||= last.severity === 'good'
      if (last.code === 421) return this.#refuse(last, texts.closing(this.#ip, last.text))
    }
    return accepted ? undefined : this.#refuse(last, texts.noRecipient(this.#ip))
  }

  /** A local part with other letters than those of ASCII, for a host that says what it can and has not said this (RFC 6531 §3.2). */
  #isUnspeakable(address: string): boolean {
    return this.#settings.esmtp && !this.#utf8 && !isAscii(splitAddress(address).local)
  }

  /** What was asked for goes on as it came, and nothing else (RFC 3461 §5.2.1). */
  #recipientParameters({ facts }: Recipient): string {
    if (this.#connection.capabilities.has('DSN')) return parametersOf(facts, ['NOTIFY', 'ORCPT'])
    this.#isUntold ||= facts.get('NOTIFY')?.includes('SUCCESS') === true
    return ''
  }

  #recipientReport({ severity, text }: Answer): string {
    if (severity === 'good') return texts.recipientAccepted
    return severity === 'D' ? texts.recipientRefused(this.#ip, text) : texts.recipientDeferred(this.#ip, text)
  }

  async #handOver(): Promise<Ending> {
    const go = await this.#ask('DATA', 354)
    if (go.severity !== 'good') return this.#refuseData(go, texts.badData(go.severity, this.#ip, go.text))
    this.#connection.expectTurn()
    this.#tellVerdicts()
    this.#stage = 'message'
    const fd = this.#mail.messageFd()
    const sent = await sendMessage(this.#connection, fd, { top: await this.#sign(fd), plan: this.#plan }, () => {
      this.#stage = 'verdict'
      this.#connection.endTime()
    })
    if (sent === 'partial') return { report: texts.partialLine, fate: 'drop' }
    const verdict = judge(await this.#connection.reply(), sent === 'whole' ? 'any' : 'none')
    this.#expectNoOther(verdict)
    if (verdict.severity === 'good') {
      this.#connection.messages += 1
      return { report: texts.accepted(this.#ip, verdict.text, this.#isUntold), fate: 'keep' }
    }
    if (sent === 'interrupted') return { report: texts.badMidway(verdict.severity, this.#ip, verdict.text), fate: 'drop' }
    return this.#refuse(verdict, texts.badMessage(verdict.severity, this.#ip, verdict.text))
  }

  /** Only here the bytes are those that go out. @throws Unreadable */
  async #sign(fd: number): Promise<Buffer> {
    try {
      const plan = this.#plan
      return await signaturesFor(fd, this.#mail.facts, plan && (() => new Downgrade(plan)))
    } catch (cause) {
      throw new Unreadable('cannot sign the message', { cause })
    }
  }

  async #ask(command: string, good: Good = 'any'): Promise<Answer> {
    this.#connection.command(command)
    return judge(await this.#connection.reply(), good)
  }

  /** The host does not take the message. @param answer - its last one, if it has given any */
  #refuse(answer: Answer | undefined, report: string): Ending {
    if (answer !== undefined) this.#expectNoOther(answer)
    this.#tellVerdicts()
    return { report, fate: 'quit' }
  }

  /**
   * The host does not want to have the message, though it has accepted a recipient.
   *
   * That may be its answer to the last recipient, if it has said something too much in the meantime; then the one to DATA is still to come.
   */
  async #refuseData(answer: Answer, report: string): Promise<Ending> {
    this.#expectNoOther(answer)
    const bye = await this.#connection.quitAnswer()
    if (bye !== undefined && bye.code !== 221 && bye.code !== 421) throw new OutOfStep('an answer that does not fit QUIT', bye.text)
    this.#tellVerdicts()
    return { report, fate: 'drop' }
  }

  /** What came together with an answer must not contradict it, unless it takes leave. */
  #expectNoOther({ severity }: Answer): void {
    for (let other = this.#connection.anotherReply(); other !== undefined; other = this.#connection.anotherReply()) {
      if (other.code === 221 || other.code === 421) return
      if (severityOf(other.code, 'any') !== severity) throw new OutOfStep('two answers that differ', other.text)
    }
  }

  #tellVerdicts(): void {
    for (const verdict of this.#verdicts.splice(0)) this.#mail.reportRecipient(verdict)
  }
}

/** Finish with a connection as the ending says, where it is not kept. */
export function hangUp(connection: Connection, ending: Ending): void {
  if (ending.fate === 'drop') connection.close()
  else connection.quit()
}
