/**
 * Where changes of the queue are asked for: of the send that runs, by marks (package retrytimes), or made at once while
 * none does.
 *
 * Whoever has the message held, and has heard so, has it alone. No delivery of it is under way and none will begin,
 * until it is let go. The working directory is queue/.
 */
import { closeSync, constants, futimesSync, lstatSync } from 'node:fs'
import { nowSeconds } from '@yabumi/dates'
import { queueAnswerSeconds } from '@yabumi/limits'
import { holderOf, tryLock } from '@yabumi/posix'
import { type MessageId, openQueueFile, queuePath } from '@yabumi/queuedir'
import type { Channel } from '@yabumi/queueview'
import { heldUntil, holdAsked, retryAsked } from '@yabumi/retrytimes'
import { errnoOf, errorText, Trouble } from '@yabumi/trouble'
import { catchesUrg } from './signals.ts'

/** alone: no send runs, and none can start while we work. asks: one runs and is asked. deaf: one runs that is not ours. */
export type Manner = 'alone' | 'asks' | 'deaf'

/** One channel of one message. */
export interface Target {
  readonly id: MessageId
  readonly channel: Channel
  /** Of its info file, when it was chosen. */
  readonly stamp: string
}

/**
 * done: it is so now. busy: a delivery was under way all the time. gone: the message had ended before it was asked for. ended: it has ended since.
 * later: from the next start of send on.
 */
export type Answer = 'done' | 'busy' | 'gone' | 'ended' | 'later'

const pollMilliseconds = 20
const askAgainMilliseconds = 1_000
/** "Now", as send writes it, is no further from ours. */
const answerSeconds: number = queueAnswerSeconds + 5
/** Answers come in about the order of the questions. */
const lookAhead = 64

export class Desk {
  readonly manner: Manner
  readonly #pid: number | undefined

  private constructor(manner: Manner, pid?: number) {
    this.manner = manner
    this.#pid = pid
  }

  /** @throws Trouble if the queue may not be changed, or by nobody knows whom */
  static open(): Desk {
    let fd: number
    try {
      fd = openQueueFile('lock/sendmutex', constants.O_WRONLY).fd
    } catch (cause) {
      throw new Trouble('4.3.0', `unable to open lock/sendmutex: ${errorText(cause)}; the account of send, or root, may`, { cause })
    }
    if (tryLock(fd)) return new Desk('alone') // until this process ends
    const pid = holderOf('lock/sendmutex')
    if (pid !== undefined && catchesUrg(pid)) return new Desk('asks', pid)
    return new Desk('deaf', pid)
  }

  /** Hold messages. */
  hold(targets: readonly Target[], answered: (target: Target, answer: Answer) => void): Promise<void> {
    return this.#change(targets, holdAsked, heldUntil, answered)
  }

  /** Have messages tried now, held ones too. */
  retry(targets: readonly Target[], answered: (target: Target, answer: Answer) => void): Promise<void> {
    return this.#change(targets, retryAsked, nowSeconds(), answered)
  }

  /** Have messages tried at times, which held ones are let go for. */
  schedule(times: readonly (readonly [target: Target, time: number])[]): void {
    for (const [target, time] of times) setTime(target, time)
    if (times.length > 0) this.#ask()
  }

  /** @param mark - what asks for it @param time - what it will be */
  async #change(targets: readonly Target[], mark: number, time: number, answered: (target: Target, answer: Answer) => void): Promise<void> {
    let waiting: Target[] = []
    for (const target of targets) {
      if (!setTime(target, this.manner === 'asks' ? mark : time)) answered(target, 'gone')
      else if (this.manner === 'asks') waiting.push(target)
      else answered(target, this.manner === 'alone' ? 'done' : 'later')
    }
    const end = performance.now() + queueAnswerSeconds * 1000
    for (let askAt = 0; waiting.length > 0 && performance.now() < end; ) {
      if (performance.now() >= askAt) {
        this.#ask()
        askAt = performance.now() + askAgainMilliseconds
      }
      await new Promise((resolve) => setTimeout(resolve, pollMilliseconds))
      waiting = stillWaiting(waiting, mark, answered)
    }
    for (const target of waiting) {
      setTime(target, nowSeconds()) // nothing is asked any more
      answered(target, 'busy')
    }
    if (waiting.length > 0) this.#ask()
  }

  #ask(): void {
    if (this.#pid === undefined || this.manner !== 'asks') return
    try {
      process.kill(this.#pid, 'SIGURG')
    } catch (cause) {
      if (errnoOf(cause) === 'EPERM')
        throw new Trouble('4.3.0', 'unable to signal send: permission denied; its account, or root, may', { cause })
    }
  }
}

function stillWaiting(waiting: readonly Target[], mark: number, answered: (target: Target, answer: Answer) => void): Target[] {
  const still: Target[] = []
  for (const [index, target] of waiting.entries()) {
    const time = timeOf(target)
    if (time === mark) still.push(target)
    else if (time === undefined) answered(target, 'ended')
    else if (isAnswer(mark, time)) answered(target, 'done')
    else if (setTime(target, mark)) still.push(target)
    else answered(target, 'ended')
    if (still.length >= lookAhead) return [...still, ...waiting.slice(index + 1)]
  }
  return still
}

/** Anything else is what a delivery that ended, or a send that left, has written over the mark. */
function isAnswer(mark: number, time: number): boolean {
  return mark === retryAsked ? Math.abs(time - nowSeconds()) <= answerSeconds : time === heldUntil
}

/** The mtime of a channel file; undefined if it is not there. */
export function timeOf({ id, channel }: Pick<Target, 'id' | 'channel'>): number | undefined {
  const stats = lstatSync(queuePath(channel, id), { throwIfNoEntry: false })
  return stats === undefined ? undefined : Math.floor(stats.mtimeMs / 1000)
}

/** Whether this is still the message that was chosen: its number may be another one's by now. */
export function isSame({ id, stamp }: Pick<Target, 'id' | 'stamp'>): boolean {
  const stats = lstatSync(queuePath('info', id), { throwIfNoEntry: false })
  return stats !== undefined && `${stats.ino} ${stats.ctimeMs}` === stamp
}

/** @returns false if the message, or that channel of it, is not there any more */
function setTime(target: Target, time: number): boolean {
  if (!isSame(target)) return false
  try {
    const { fd } = openQueueFile(queuePath(target.channel, target.id), constants.O_RDONLY)
    try {
      futimesSync(fd, time, time)
    } finally {
      closeSync(fd)
    }
    return true
  } catch (cause) {
    if (errnoOf(cause) === 'ENOENT') return false
    if (cause instanceof Trouble) throw cause
    throw new Trouble('4.3.0', `unable to change ${queuePath(target.channel, target.id)}: ${errorText(cause)}`, { cause })
  }
}
