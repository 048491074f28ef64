/** Where a message is, what was tried, and what happens next. The working directory is the home. */
import { lstatSync } from 'node:fs'
import { readNumber } from '@yabumi/control'
import { nowSeconds } from '@yabumi/dates'
import { accountToBecome, asAccount } from '@yabumi/home'
import { logSafe } from '@yabumi/logline'
import { holderOf } from '@yabumi/queuecare'
import { type MessageId, queuePath } from '@yabumi/queuedir'
import { type Channel, channels, type QueuedMessage, readChannel, readInfo, readQueued, readQueueFile } from '@yabumi/queueview'
import { errnoOf, errorText } from '@yabumi/trouble'
import { type Attempt, History } from './history.ts'
import { labelsOf, linesOf, logFiles } from './logfiles.ts'
import { messageIdOf } from './messageid.ts'
import { type Outlook, outlookOf } from './schedule.ts'
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

export function explainMessage(id: MessageId, logs: readonly string[]): MessageReport {
  return new Explanation(id).report(logs)
}

class Explanation {
  readonly #id: MessageId
  readonly #notes: string[] = []
  readonly #queue = accountToBecome('queue')

  constructor(id: MessageId) {
    this.#id = id
  }

  report(logs: readonly string[]): MessageReport {
    const { history, files } = this.#history(logs)
    const log = { files, known: history.known, ended: history.ended, bounce: history.bounce }
    const found = asAccount(accountToBecome('send'), () => this.#inQueue(history))
    const info = history.info
    const recipients = found.recipients ?? recipientsOf(history)
    return {
      ...{ kind: 'message', id: this.#id, state: found.state, messageId: found.messageId },
      ...{ sender: found.sender ?? info?.sender, bytes: found.bytes ?? info?.bytes, since: found.since ?? history.begun },
      ...{ givenUpAfter: found.givenUpAfter, recipients, ways: found.ways ?? [], failures: found.failures, log, notes: this.#notes },
    }
  }

  #history(logs: readonly string[]): { history: History; files: string[] } {
    const history = new History(this.#id)
    const files: string[] = []
    try {
      files.push(...logFiles(logs))
      for (const file of files) {
        const labels = labelsOf(file)
        for (const line of linesOf(file)) history.take(line, labels)
      }
    } catch (error) {
      this.#notes.push(`the log cannot be read: ${(error as NodeJS.ErrnoException).path ?? ''}: ${errorText(error)}`)
    }
    if (files.length === 0)
      this.#notes.push('no log was found, so that past attempts are not known; --log names a file, or the directory of multilog or s6-log')
    return { history, files }
  }

  #inQueue(history: History): Partial<MessageReport> & { state: Standing } {
    const home = process.cwd()
    try {
      process.chdir('queue')
      return this.#look(history)
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

  #look(history: History): Partial<MessageReport> & { state: Standing } {
    const id = this.#id
    const mess = lstatSync(queuePath('mess', id), { throwIfNoEntry: false })
    const common = mess === undefined ? {} : { bytes: mess.size, messageId: messageIdOf(queuePath('mess', id)) }
    if (mess === undefined) this.#noteWithout()
    const queued = readQueued(id)
    if (queued !== undefined) return { ...common, ...this.#queued(queued) }
    const info = readInfo(id)
    if (info !== undefined) return { ...common, ...this.#preprocessed(info.sender, info.birth, history) }
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

  #preprocessed(sender: string, birth: number, history: History): Partial<MessageReport> & { state: Standing } {
    const sendRuns = holderOf('lock/sendmutex') !== undefined
    if (!sendRuns) this.#notes.push('no send runs that we can see: nothing happens before one does')
    const recipients = channels.flatMap((channel) => this.#ofChannel(channel, birth, sendRuns, history))
    process.chdir('..')
    const givenUpAfter = birth + readNumber('queuelifetime', 604_800)
    process.chdir('queue')
    return { state: 'S5', sender, since: birth, givenUpAfter, recipients, failures: failuresOf(this.#id) }
  }

  #ofChannel(channel: Channel, birth: number, sendRuns: boolean, history: History): RecipientReport[] {
    const attempts = history.attempts.filter((attempt) => attempt.channel === channel)
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
function recipientsOf(history: History): RecipientReport[] {
  return channels.flatMap((channel) =>
    groups(history.attempts.filter((attempt) => attempt.channel === channel)).map(
      ([address, attempts]): RecipientReport => ({
        ...{ address, channel, attempts, outlook: undefined },
        standing: history.ended === undefined ? 'to do' : 'ended',
      }),
    ),
  )
}
