/**
 * A sender hears once that a message waits (RFC 3461 §4.1): who has asked for it, and people of ours by
 * control/delaywarn. A deadline that only tells (RFC 2852, mode N) is a reason of its own.
 *
 * Crash   between the report and its mark in info/ the sender hears it twice
 */
import { closeSync, constants, openSync, readSync } from 'node:fs'
import { doubleBounceSender } from '@yabumi/address'
import { type FactMap, type Facts, originLineBytes, originOf } from '@yabumi/facts'
import { delayRecipients } from '@yabumi/limits'
import { type MessageId, queuePath } from '@yabumi/queuedir'
import { bounceParagraph, type Routing, rewrite } from '@yabumi/routing'
import type { Controls } from '../controls.ts'
import type { Info } from '../keep/info.ts'
import { plainSender } from '../try/verp.ts'
import { actionMark, originalRecipientMark } from './status.ts'
import { withLines } from './told.ts'

/** Who asks for it without a time hears of it after four hours. */
const usualSeconds = 14_400

export class Delay {
  readonly #routing: Routing
  readonly #isOwn: boolean
  readonly #tellsAll: boolean
  readonly #paragraphs: string[] = []

  private constructor(routing: Routing, { isOwn, tellsAll }: { readonly isOwn: boolean; readonly tellsAll: boolean }) {
    this.#routing = routing
    this.#isOwn = isOwn
    this.#tellsAll = tellsAll
  }

  /** @returns undefined if the sender is not to hear of it now. @param birth - from which its age counts */
  static of(id: MessageId, info: Info, birth: number, now: number, controls: Controls, routing: Routing): Delay | undefined {
    const { sender, facts, warned } = info
    if (warned || controls.bounceFormat === 'qsbmf' || sender === '' || sender === doubleBounceSender) return undefined
    const isLate = now >= toldAt(facts.ofMessage.message)
    const patience = controls.delayWarnSeconds || usualSeconds
    if (!isLate && now - birth < patience) return undefined
    const isOwn = controls.delayWarnSeconds > 0 && isFromHere(id, sender, facts.ofMessage.message, controls, routing)
    return new Delay(routing, { isOwn, tellsAll: isLate })
  }

  /** A recipient waits on. @param facts - of the delivery */
  note(recipient: string, report: string, facts: Facts): void {
    const notify = facts.recipients.get(0)?.get('NOTIFY')
    const isAsked = notify === undefined ? this.#isOwn || this.#tellsAll : notify.includes('DELAY')
    if (!isAsked || this.#paragraphs.length >= delayRecipients) return
    const original = facts.recipients.get(0)?.get('ORCPT')
    const lines = [`${actionMark}delayed`, ...(original === undefined ? [] : [originalRecipientMark + original])]
    this.#paragraphs.push(bounceParagraph(recipient, withLines(report, lines), this.#routing.virtualDomains))
  }

  /** What it says of each recipient; undefined if nobody is to hear anything. */
  get text(): string | undefined {
    return this.#paragraphs.length === 0 ? undefined : this.#paragraphs.join('')
  }
}

/** At that time the sender is to be told, by its own deadline. */
export function toldAt(facts: FactMap): number {
  const [seconds = '', mode = ''] = facts.get('BY')?.split(';') ?? []
  return mode.startsWith('N') ? Number(seconds) : Number.POSITIVE_INFINITY
}

/** Whether people of ours have sent it: who has logged in, a network that relays, a program here with a sender of ours. */
function isFromHere(id: MessageId, sender: string, facts: FactMap, controls: Controls, routing: Routing): boolean {
  const { by } = originOf(firstLine(id), facts)
  if (by === 'login' || by === 'relay') return true
  return by === 'uid' && rewrite(plainSender(sender), controls, routing).channel === 'local'
}

/** Empty if it cannot be read. */
function firstLine(id: MessageId): string {
  let fd = -1
  try {
    fd = openSync(`queue/${queuePath('mess', id)}`, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW)
    const bytes = Buffer.alloc(originLineBytes)
    return bytes.toString('latin1', 0, readSync(fd, bytes, 0, bytes.length, 0))
  } catch {
    return ''
  } finally {
    if (fd >= 0) closeSync(fd)
  }
}
