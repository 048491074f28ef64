/**
 * bounce/: what has failed for good, one file a message, appended to while it is delivered (spec §2.5.8).
 *
 * A failure counts only once it is in the file and the file is synced; a crash before that tries the recipient again.
 * Failures of one message that come in together share a sync. Where nothing can be written, it is tried again every
 * 10 seconds, while everything else goes on.
 */
import { closeSync, constants, fsync, openSync, writeSync } from 'node:fs'
import { type MessageId, queuePath } from '@yabumi/queuedir'
import { bounceParagraph } from '@yabumi/routing'
import type { Shared } from '../shared.ts'
import { sleepSeconds } from '../timers.ts'

const append = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_NONBLOCK

interface Failure {
  readonly paragraph: string
  readonly recorded: () => void
}

export class BounceFiles {
  readonly #shared: Shared
  /** Failures that wait for the sync under way, of each message that has one. */
  readonly #waiting = new Map<MessageId, Failure[]>()
  /** Syncs under way. */
  pending = 0

  constructor(shared: Shared) {
    this.#shared = shared
  }

  /**
   * Write down that a recipient has failed.
   *
   * @param report - what the spawn program said, without its letter
   * @param recorded - called when that is on the disk
   */
  record(id: MessageId, recipient: string, report: string, recorded: () => void): void {
    const paragraph = bounceParagraph(recipient, report, this.#shared.routing.virtualDomains)
    const waiting = this.#waiting.get(id)
    if (waiting !== undefined) {
      waiting.push({ paragraph, recorded })
      return
    }
    this.#waiting.set(id, [])
    this.#write(id, [{ paragraph, recorded }])
  }

  #write(id: MessageId, failures: Failure[], text: Buffer = bytesOf(failures)): void {
    const sleep = (rest: Buffer): void => {
      this.#shared.log.alert('unable to append to bounce message; HELP! sleeping...')
      this.#shared.wake()
      setTimeout(() => this.#write(id, failures, rest), sleepSeconds * 1000)
    }
    let at = 0
    let fd = -1
    try {
      fd = openSync(`queue/${queuePath('bounce', id)}`, append, 0o600)
      while (at < text.length) at += writeSync(fd, text, at)
    } catch {
      if (fd >= 0) closeSync(fd)
      sleep(text.subarray(at))
      return
    }
    this.#sync(fd, (synced) => {
      if (synced) this.#recorded(id, failures)
      else sleep(text) // a sync that has failed once is never believed again: all of it once more
    })
  }

  #sync(fd: number, done: (synced: boolean) => void): void {
    this.pending += 1
    fsync(fd, (error) => {
      this.pending -= 1
      closeSync(fd)
      done(error === null)
    })
  }

  #recorded(id: MessageId, failures: Failure[]): void {
    const next = this.#waiting.get(id) ?? []
    if (next.length === 0) this.#waiting.delete(id)
    else this.#waiting.set(id, [])
    for (const failure of failures) failure.recorded()
    if (next.length > 0) this.#write(id, next)
    this.#shared.wake()
  }
}

function bytesOf(failures: Failure[]): Buffer {
  return Buffer.from(failures.map((failure) => failure.paragraph).join(''), 'latin1')
}
