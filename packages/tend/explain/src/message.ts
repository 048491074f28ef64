/** Where a message is, what was tried, and what happens next. The working directory is the home. */
import { lstatSync } from 'node:fs'
import { readNumber } from '@yabumi/control'
import { nowSeconds } from '@yabumi/dates'
import { accountToBecome, asAccount } from '@yabumi/home'
import { queueLifetimeSeconds } from '@yabumi/limits'
import { logSafe } from '@yabumi/logline'
import { holderOf } from '@yabumi/posix'
import { type MessageId, queuePath } from '@yabumi/queuedir'
import { type Channel, channels, type QueuedMessage, readChannel, readInfo, readQueued, readQueueFile } from '@yabumi/queueview'
import { type Outlook, outlookOf } from '@yabumi/retrytimes'
import { errnoOf } from '@yabumi/trouble'
import { type Arrival, lifeOf, type Refusal } from './arrivals.ts'
import type { Attempt, Life } from './history.ts'
import { type Log, readLog } from './log.ts'
import { messageIdOf } from './messageid.ts'
import { type Way, wayOf } from './way.ts'

export interface RecipientReport {
  readonly address: string
  readonly channel: Channel
  /** done: nothing more is tried; ended: the message is finished, as the log says. */
  readonly standing: 'to do' | 'done' | 'ended'
  readonly attempts: readonly Attempt[]
  readonly outlook: Outlook | undefined
}

/** As in INTERNALS.md; `unknown`: the queue is not ours to read; `gone`: not in the queue. */
export type Standing = 'S2' | 'S3' | 'S4' | 'S5' | 'gone' | 'unknown'

export interface MessageReport {
  readonly kind: 'message'
  readonly id: MessageId
  readonly state: Standing
  readonly messageId: string | undefined
  /** How it came, if by smtpd, and as far as the log of the door reaches back. */
  readonly arrival: Arrival | undefined
  readonly sender: string | undefined
  readonly bytes: number | undefined
  /** When it was accepted (S4) or preprocessed (S5): its age counts from there. */
  readonly since: number | undefined
  /** A deferral after this time is a failure. */
  readonly givenUpAfter: number | undefined
  readonly recipients: readonly RecipientReport[]
  /** In S4: where each recipient will go. */
  readonly ways: readonly Way[]
  /** What bounce/N says. */
  readonly failures: string | undefined
  readonly log: {
    readonly files: readonly string[]
    readonly known: boolean
    readonly ended: number | true | undefined
    readonly bounce: string | undefined
  }
  readonly notes: readonly string[]
}

/** What became of a message that was refused at its end, so that it never had a number. */
export interface RefusalReport {
  readonly kind: 'refusal'
  readonly messageId: string
  readonly refusals: readonly Refusal[]
}

/** The message that has this number now, or had it last. */
export function explainMessage(id: MessageId, logs: readonly string[]): MessageReport {
  const log = readLog(logs, id, [id])
  const life = log.history.lastOf(id)
  const arrival = log.door.arrivals.filter((each) => life !== undefined && lifeOf(each, log.history.lives) === life).at(-1)
  return new Explanation(id, log, life, arrival).report()
}

/**
 * Every message with this Message-ID: those in the queue, those that smtpd has taken, and those that it has refused.
 *
 * @param inQueue - the numbers of the first ones
 */
export function explainMessageId(
  messageId: string,
  inQueue: readonly MessageId[],
  logs: readonly string[],
): (MessageReport | RefusalReport)[] {
  const log = readLog(logs, messageId, inQueue)
  const { arrivals, refusals } = log.door
  const lives = new Map(arrivals.map((arrival) => [arrival, lifeOf(arrival, log.history.lives)]))
  const queued = inQueue.map((id) => {
    const life = log.history.lastOf(id)
    const arrival = arrivals.find((each) => lives.get(each) === life && each.qp === (life?.info?.qp ?? id))
    return { arrival, report: new Explanation(id, log, life, arrival).report() }
  })
  const finished = arrivals
    .filter((arrival) => !queued.some((each) => each.arrival === arrival))
    .map((arrival) => new Explanation(lives.get(arrival)?.id ?? arrival.qp, log, lives.get(arrival), arrival).reportOfLog())
  const refused: RefusalReport[] = refusals.length === 0 ? [] : [{ kind: 'refusal', messageId, refusals }]
  return [...queued.map(({ report }) => report), ...finished, ...refused]
}

class Explanation {
  readonly #id: MessageId
  readonly #log: Log
  readonly #life: Life | undefined
  readonly #arrival: Arrival | undefined
  readonly #notes: string[]
  readonly #queue = accountToBecome('queue')

  constructor(id: MessageId, log: Log, life: Life | undefined, arrival: Arrival | undefined) {
    this.#id = id
    this.#log = log
    this.#life = life
    this.#arrival = arrival
    this.#notes = [...log.notes]
  }

  report(): MessageReport {
    return this.#withLog(asAccount(accountToBecome('send'), () => this.#inQueue()))
  }

  /** Of a message that is not in the queue, where its number may be another one's by now. */
  reportOfLog(): MessageReport {
    if (this.#life === undefined) this.#notes.push('what send did with it is not in the log')
    return this.#withLog({ state: 'gone' })
  }

  #withLog(found: Partial<MessageReport> & { state: Standing }): MessageReport {
    const life = this.#life
    const info = life?.info
    const begun = life?.begun === undefined ? undefined : Math.floor(life.begun)
    const log = {
      files: this.#log.files,
      known: life !== undefined || this.#arrival !== undefined,
      ended: life?.ended,
      bounce: life?.bounce,
    }
    const recipients = found.recipients ?? recipientsOf(life)
    if (life?.dkim !== undefined) this.#notes.push(life.dkim.replace(/^d=/, 'signed: d='))
    return {
      ...{ kind: 'message', id: this.#id, state: found.state, messageId: found.messageId ?? this.#arrival?.messageId },
      ...{ arrival: this.#arrival, sender: found.sender ?? info?.sender, bytes: found.bytes ?? info?.bytes, since: found.since ?? begun },
      ...{ givenUpAfter: found.givenUpAfter, recipients, ways: found.ways ?? [], failures: found.failures, log, notes: this.#notes },
    }
  }

  #inQueue(): Partial<MessageReport> & { state: Standing } {
    const home = process.cwd()
    try {
      process.chdir('queue')
      return this.#look()
    } catch (error) {
      const code = errnoOf(error)
      if (code !== 'EACCES' && code !== 'EPERM') throw error
      this.#notes.push(
        `the queue is readable only to the accounts that own it, and you are uid ${process.getuid?.()}: what is in it stays unknown`,
      )
      return { state: 'unknown' }
    } finally {
      process.chdir(home)
    }
  }

  #look(): Partial<MessageReport> & { state: Standing } {
    const id = this.#id
    const mess = lstatSync(queuePath('mess', id), { throwIfNoEntry: false })
    const common = mess === undefined ? {} : { bytes: mess.size, messageId: messageIdOf(queuePath('mess', id)) }
    if (mess === undefined) this.#noteWithout()
    const queued = readQueued(id)
    if (queued !== undefined) return { ...common, ...this.#queued(queued) }
    const info = readInfo(id)
    if (info !== undefined) return { ...common, ...this.#preprocessed(info.sender, info.birth) }
    if (mess === undefined) return { state: 'gone' }
    return { ...common, state: this.#hasEnvelope() ? 'S3' : 'S2' }
  }

  #hasEnvelope(): boolean {
    return asAccount(this.#queue, () => lstatSync(queuePath('intd', this.#id), { throwIfNoEntry: false }) !== undefined)
  }

  #noteWithout(): void {
    const left = (['todo', 'info'] as const).filter(
      (directory) => lstatSync(queuePath(directory, this.#id), { throwIfNoEntry: false }) !== undefined,
    )
    if (left.length > 0) this.#notes.push(`its text is gone, and ${left.join(' and ')} is not: see qcheck`)
  }

  #queued({ sender, accepted, recipients }: QueuedMessage): Partial<MessageReport> & { state: Standing } {
    process.chdir('..')
    const ways = recipients.map(wayOf)
    process.chdir('queue')
    if (holderOf('lock/sendmutex') === undefined) this.#notes.push('no send runs that we can see: nothing happens before one does')
    return { state: 'S4', sender, since: accepted, recipients: [], ways }
  }

  #preprocessed(sender: string, birth: number): Partial<MessageReport> & { state: Standing } {
    const sendRuns = holderOf('lock/sendmutex') !== undefined
    if (!sendRuns) this.#notes.push('no send runs that we can see: nothing happens before one does')
    const recipients = channels.flatMap((channel) => this.#ofChannel(channel, birth, sendRuns))
    process.chdir('..')
    const givenUpAfter = birth + readNumber('queuelifetime', queueLifetimeSeconds)
    process.chdir('queue')
    return { state: 'S5', sender, since: birth, givenUpAfter, recipients, failures: failuresOf(this.#id) }
  }

  #ofChannel(channel: Channel, birth: number, sendRuns: boolean): RecipientReport[] {
    const attempts = (this.#life?.attempts ?? []).filter((attempt) => attempt.channel === channel)
    const file = readChannel(channel, this.#id)
    if (file === undefined)
      return groups(attempts).map(([address, own]) => ({ address, channel, standing: 'done', attempts: own, outlook: undefined }))
    const lastAttempt = attempts.at(-1)?.ended
    const outlook = outlookOf({ channel, birth, fileTime: file.time, sendRuns, lastAttempt }, nowSeconds())
    return file.recipients.map(({ address, done }) => ({
      ...{ address, channel, standing: done ? 'done' : 'to do', outlook: done ? undefined : outlook },
      attempts: attempts.filter(({ recipient }) => recipient === logSafe(address)),
    }))
  }
}

/** What bounce/N says; undefined without one. */
function failuresOf(id: MessageId): string | undefined {
  return readQueueFile(queuePath('bounce', id))?.text
}

/** Attempts by recipient, in the order of the first ones. */
function groups(attempts: readonly Attempt[]): [address: string, attempts: Attempt[]][] {
  const byAddress = new Map<string, Attempt[]>()
  for (const attempt of attempts) byAddress.set(attempt.recipient, [...(byAddress.get(attempt.recipient) ?? []), attempt])
  return [...byAddress]
}

/** Where only the log knows the message. */
function recipientsOf(life: Life | undefined): RecipientReport[] {
  if (life === undefined) return []
  return channels.flatMap((channel) =>
    groups(life.attempts.filter((attempt) => attempt.channel === channel)).map(
      ([address, attempts]): RecipientReport => ({
        ...{ address, channel, attempts, outlook: undefined },
        standing: life.ended === undefined ? 'to do' : 'ended',
      }),
    ),
  )
}
