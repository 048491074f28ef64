/**
 * One submission by the socket: held while it is small, written to its files as it grows, accepted at the end.
 *
 * In      facts(), then message(), then envelope(), then commit(); any of them may end it with a QueueTrouble
 * Out     mess/S/number, intd/number, then that renamed to todo/number: the moment of acceptance
 * Synced  mess and intd, both at once, before the rename; todo/ after it, together with other messages; the answer last
 * Memory  at most holdBytes of the message and of the envelope, and the piece that is being written
 * Crash   leaves at most files in pid/, mess/ and intd/, which send and clean remove after 36 hours
 */
import { fsync } from 'node:fs'
import { EnvelopeScanner } from '@yabumi/envelope'
import type { Speaker } from '@yabumi/facts'
import { factsBytes } from '@yabumi/limits'
import type { MessageId } from '@yabumi/queuedir'
import { Draft } from './draft.ts'
import { exitCode, QueueTrouble } from './exitcode.ts'
import type { GroupCommit } from './groupcommit.ts'
import { Hold } from './hold.ts'
import { receivedLine } from './received.ts'
import type { Shared } from './shared.ts'
import type { Spares } from './spares.ts'
import type { TapWatch } from './taps.ts'
import { believed, topRecords } from './toprecords.ts'

/** Who hands the message over. */
export interface Submitter {
  readonly uid: number
  /** For the Received line: `by uid 1000`. */
  readonly who: string
  readonly speaker: Speaker
}

/** Told once what became of the message. */
export type Done = (error: unknown, id: MessageId) => void

export class Submission {
  readonly #submitter: Submitter
  readonly #todo: GroupCommit
  readonly #spares: Spares
  readonly #scanner = new EnvelopeScanner()
  readonly #message = new Hold()
  readonly #envelope = new Hold()
  readonly #taps: TapWatch | undefined
  #draft: Draft | undefined
  /** As they came; those that count, once all have come. */
  #facts = ''
  #begun = false
  #messageEnded = false
  #syncs = 0
  #failure: unknown
  #discarded = false
  #done: Done | undefined

  /** @param taps - may add recipients */
  constructor(submitter: Submitter, { todo, spares }: Pick<Shared, 'todo' | 'spares'>, taps?: TapWatch) {
    this.#submitter = submitter
    this.#todo = todo
    this.#spares = spares
    this.#taps = taps
  }

  /** The next bytes of the facts. */
  facts(piece: Buffer): void {
    this.#facts += piece.toString('latin1')
    if (this.#begun || this.#facts.length > factsBytes) throw new QueueTrouble(exitCode.format)
  }

  /** No facts come any more: what is wrong with them is known before there is a file. */
  #begin(): void {
    if (!this.#begun) this.#facts = believed(this.#facts, this.#submitter.speaker)
    this.#begun = true
  }

  /** The next bytes of the message. */
  message(piece: Buffer): void {
    this.#begin()
    if (this.#messageEnded) throw new QueueTrouble(exitCode.format)
    if (this.#draft !== undefined) this.#draft.writeMess(piece)
    else if (this.#message.add(piece)) this.#writeMessage()
  }

  /** The next bytes of the envelope, without the NUL that would complete it: commit() does that. */
  envelope(piece: Buffer): void {
    this.#begin()
    this.#messageEnded = true
    const result = this.#scanner.scan(piece)
    if (result === 'long') throw new QueueTrouble(exitCode.addressTooLong)
    if (result !== 'more') throw new QueueTrouble(exitCode.format)
    this.#taps?.see(piece)
    if (this.#draft !== undefined && this.#draft.intd >= 0) this.#draft.writeIntd(piece)
    else if (this.#envelope.add(piece)) this.#writeEnvelope()
  }

  /** Accept the message. @param done - called when it is safe on disk, or has failed and is gone */
  commit(done: Done): void {
    if (!this.#scanner.atRecordEnd) throw new QueueTrouble(exitCode.readError)
    const draft = this.#writeEnvelope()
    if (this.#taps !== undefined) draft.writeIntd(this.#taps.records())
    draft.endIntd()
    this.#done = done
    this.#sync(draft.intd)
  }

  /** Leave nothing. A sync under way keeps its descriptor until it has ended. */
  discard(): void {
    this.#discarded = true
    if (this.#syncs === 0) this.#draft?.discard()
  }

  #writeMessage(): Draft {
    const bytes = this.#message.take()
    if (this.#draft !== undefined) {
      this.#draft.writeMess(bytes)
      return this.#draft
    }
    const draft = new Draft(this.#spares)
    this.#draft = draft
    const top = Buffer.from(receivedLine(draft.id, this.#submitter.who), 'latin1')
    draft.writeMess(Buffer.concat([top, bytes]))
    return draft
  }

  #writeEnvelope(): Draft {
    const bytes = this.#envelope.take()
    if (this.#draft !== undefined && this.#draft.intd >= 0) {
      this.#draft.writeIntd(bytes)
      return this.#draft
    }
    const draft = this.#writeMessage()
    draft.endMess()
    this.#sync(draft.mess)
    draft.createIntd()
    draft.writeIntd(Buffer.concat([Buffer.from(topRecords(this.#submitter.uid, draft.id, this.#facts), 'latin1'), bytes]))
    return draft
  }

  /** An error is final: the kernel reports it once, and a second fsync would call lost data safe. */
  #sync(fd: number): void {
    this.#syncs += 1
    fsync(fd, (error) => {
      this.#syncs -= 1
      this.#failure ??= error ?? undefined
      if (this.#syncs > 0) return
      if (this.#discarded) this.#draft?.discard()
      else if (this.#done !== undefined) this.#accept(this.#draft as Draft, this.#done)
    })
  }

  #accept(draft: Draft, done: Done): void {
    try {
      if (this.#failure !== undefined) throw new QueueTrouble(exitCode.writeError, { cause: this.#failure })
      draft.close()
      draft.renameToTodo()
    } catch (error) {
      draft.discard()
      done(error, draft.id)
      return
    }
    this.#todo.wait((error) => done(error, draft.id))
  }
}
