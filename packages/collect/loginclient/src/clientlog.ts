/**
 * What one client leaves in the log of the door: a line for each login, right or wrong, and one at its end. README.md
 * has their grammar.
 *
 * Only a right login is worth its line always: all else a client can cause as often as it likes.
 */
import type { Caller, DoorLog } from '@yabumi/logline'
import type { TlsFacts } from '@yabumi/tlsfiles'
import type { NoLine } from './client.ts'

const reasons: Readonly<Record<NoLine, string>> = {
  gone: 'the client left',
  silent: 'dropped for silence',
  'too much': 'too much talk before login',
  ahead: 'plaintext after STLS',
  crowded: 'gave way to another client',
  dismissed: 'shutting down',
}

export class ClientLog {
  readonly #log: DoorLog
  readonly #caller: Caller
  readonly #begun = performance.now()
  #refusals = 0
  /** What was done for it, if anything. */
  #served: { readonly as: string; readonly isRight: boolean } | undefined

  constructor(log: DoorLog, caller: Caller) {
    this.#log = log
    this.#caller = caller
  }

  /** A process has the connection. @param isRight - the login; else that process is still to find out */
  began(pid: number | undefined, login: string, isRight: boolean): void {
    const event = `pid ${pid}`
    if (isRight) this.#log.tell(this.#caller, event, login)
    else this.#log.note(this.#caller, event, login)
  }

  /** That process has ended. */
  served(pid: number | undefined, status: string, isRight: boolean): void {
    this.#served = { as: `${pid === undefined ? '' : `pid ${pid} `}status ${status}`, isRight }
  }

  wrong(reason: string, login: string): void {
    this.#refusals += 1
    this.#log.refused(this.#caller, reason, login)
  }

  /** Nobody can tell now, or the program cannot be run. */
  notJudged(reason: string, login: string): void {
    this.#log.note(this.#caller, `not judged, ${reason}`, login)
  }

  /** It may not come in. */
  denied(why: string): void {
    this.#log.note(this.#caller, why)
  }

  /** TLS has begun. */
  secured({ protocol, cipher, serverName }: TlsFacts): void {
    this.#log.note(this.#caller, `tls ${protocol} ${cipher}`, serverName ?? '')
  }

  /** @param noLine - why the client said no more; undefined if it has said QUIT, or has been answered for good */
  ended(noLine: NoLine | undefined): void {
    const why = this.#served?.as ?? (noLine === undefined ? (this.#refusals > 0 ? 'not let in' : 'quit') : reasons[noLine])
    const event = `end: ${why}, refused ${this.#refusals}, seconds ${Math.round((performance.now() - this.#begun) / 1000)}`
    if (this.#served?.isRight) this.#log.tell(this.#caller, event)
    else this.#log.note(this.#caller, event)
  }
}
