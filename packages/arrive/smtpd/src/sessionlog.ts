/**
 * What one session leaves in the log of the door: a line for each message and each refusal, and one at its end.
 * README.md has their grammar.
 *
 * The end of a session that has brought nothing is a line that a client can cause as often as it likes.
 */
import { complain } from '@yabumi/commandline'
import { callerBehind } from '@yabumi/listener'
import { type Caller, DoorLog } from '@yabumi/logline'
import type { TlsFacts } from '@yabumi/tlsfiles'
import type { Message, MessageLog, Verdict } from './message.ts'

export class SessionLog implements MessageLog {
  readonly #log: DoorLog
  readonly #caller: Caller
  readonly #begun = performance.now()
  #messages = 0
  #refusals = 0
  #hasEnded = false

  constructor(log: DoorLog, caller: Caller) {
    this.#log = log
    this.#caller = caller
  }

  /** A message was acknowledged or refused. */
  judged({ reply, qp, results }: Verdict, { messageId, sizeBytes }: Message): void {
    if (qp === undefined) {
      this.#refusals += 1
      this.#log.refused(this.#caller, reply.trimEnd(), messageId, 'message')
    } else {
      this.#messages += 1
      this.#log.tell(this.#caller, `message ${qp}, ${sizeBytes} bytes${results === undefined ? '' : `, ${results}`}`, messageId)
    }
  }

  /** TLS has begun. */
  secured({ protocol, cipher, serverName }: TlsFacts): void {
    this.note(`tls ${protocol} ${cipher}`, serverName ?? '')
  }

  note(event: string, word?: string): void {
    this.#log.note(this.#caller, event, word)
  }

  /**
   * A command was answered: a refusal is logged, and what is told.
   *
   * @param told - in place of the reply
   * @param word - the client's command, or login
   */
  answered(reply: string, told: string | undefined, word: string): void {
    if (reply[0] === '5' || reply[0] === '4') this.refused(told ?? reply, word)
    else if (told !== undefined) this.#log.tell(this.#caller, told, word)
  }

  /** @param reply - with or without its line end. @param command - the client's */
  refused(reply: string, command: string): void {
    this.#refusals += 1
    this.#log.refused(this.#caller, reply.trimEnd(), command)
  }

  /** @param why - the session has ended; the first one counts. @param helo - the name that the client has given itself */
  ended(why: string, helo: string | undefined): void {
    if (this.#hasEnded) return
    this.#hasEnded = true
    const seconds = Math.round((performance.now() - this.#begun) / 1000)
    const event = `end: ${why}, messages ${this.#messages}, refused ${this.#refusals}, seconds ${seconds}`
    if (this.#messages > 0) this.#log.tell(this.#caller, event, helo ?? '')
    else this.#log.note(this.#caller, event, helo ?? '')
  }
}

/**
 * The log of one connection under tcpserver: on descriptor 2, which qmail's smtpd leaves alone.
 *
 * @returns undefined where there is no client to name, or nowhere to write
 */
export function logOfDescriptors(environment: ReadonlyMap<string, string>): SessionLog | undefined {
  const caller = callerBehind(environment)
  if (caller === undefined) return undefined
  const log = new DoorLog('smtpd', complain)
  process.once('exit', () => log.end())
  return new SessionLog(log, caller)
}
