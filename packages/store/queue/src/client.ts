/**
 * One connection to the socket: takes frames, one message at a time, and answers each.
 *
 * Idle --S--> receiving --C--> committing --answer--> idle. Between messages R is answered with the room there is.
 *
 * A message that fails while it is received is answered at once. The rest of it is swallowed up to its C or A, so that
 * the connection stays in step. Anything that is not a frame, or not in turn, is answered with 91 and the connection is
 * closed. So is a message that takes longer than a day (52).
 */
import { Socket } from 'node:net'
import { answerFrame, FrameReader, type Letter, roomFrame } from '@yabumi/enqueue'
import { queueRestSeconds } from '@yabumi/limits'
import { codeOf, exitCode, QueueTrouble } from './exitcode.ts'
import { speakerOf, submitter } from './received.ts'
import { freeBytes } from './room.ts'
import type { Shared } from './shared.ts'
import { Submission } from './submission.ts'

const chunkBytes = 65_536
/** What has just been read. One for all: a chunk is dealt with before the next is read, and what is kept is copied. */
const chunk = Buffer.allocUnsafe(chunkBytes)

export type State = 'idle' | 'receiving' | 'committing' | 'swallowing' | 'closed'

export class Client {
  readonly #socket: Socket
  readonly #uid: number
  readonly #shared: Shared
  readonly #reader = new FrameReader((letter, body) => this.#take(letter, body))
  #state: State = 'idle'
  #submission: Submission | undefined
  #begun = 0
  #heardAt: number = performance.now()
  #leaving = false

  /**
   * @param fd - the connection; closed by this client
   * @param uid - of the peer, as the kernel knows it
   * @param closed - called once, when the connection is gone
   */
  constructor(fd: number, uid: number, shared: Shared, closed: () => void) {
    this.#uid = uid
    this.#shared = shared
    const callback = (length: number) => this.#read(chunk.subarray(0, length))
    this.#socket = new Socket({ fd, allowHalfOpen: true, onread: { buffer: chunk, callback } })
    this.#socket.on('error', () => undefined) // close follows
    this.#socket.on('end', () => this.leave('now'))
    this.#socket.on('close', () => {
      this.#lose()
      closed()
    })
  }

  get state(): State {
    return this.#state
  }

  /** No further message. @param when - `now`: what is not complete is dropped; `then`: it may still be completed */
  leave(when: 'now' | 'then'): void {
    this.#leaving = true
    if (this.#state === 'committing' || (this.#state === 'receiving' && when === 'then')) return
    this.#socket.destroySoon()
    this.#lose()
  }

  /** Let somebody else have the place, if no message is under way or nothing has come of it for a while. @returns whether it was so */
  giveWay(now: number = performance.now()): boolean {
    const rests = this.#state === 'idle' || now - this.#heardAt > queueRestSeconds * 1000
    if (!rests || this.#state === 'committing') return false
    this.leave('now')
    return true
  }

  /** End a message that was begun more than `seconds` ago. @param now - as performance.now() */
  expire(now: number, seconds: number): void {
    if (this.#state !== 'receiving' || now - this.#begun < seconds * 1000) return
    this.#answer(exitCode.timeout)
    this.leave('now')
  }

  /** @returns whether to go on reading */
  #read(bytes: Buffer): boolean {
    if (this.#state === 'closed') return false
    this.#heardAt = performance.now()
    try {
      this.#reader.read(bytes)
      return true
    } catch (error) {
      this.#shared.complaints.tell(error, performance.now())
      if (this.#state !== 'committing') this.#answer(exitCode.format)
      this.leave('now')
      return false
    }
  }

  #take(letter: Letter, body: Buffer): void {
    if (letter === 'S' && this.#state === 'idle' && !this.#leaving) this.#begin(body.toString('latin1'))
    else if (letter === 'R' && this.#state === 'idle' && body.length === 0) this.#socket.write(roomFrame(freeBytes()))
    else if (this.#state === 'swallowing' && letter !== 'S') this.#swallow(letter)
    else if (this.#state === 'receiving') this.#receive(letter, body)
    else throw new QueueTrouble(exitCode.format)
  }

  #begin(claim: string): void {
    if (claim !== '' && claim !== 'network' && claim !== 'bounce') throw new QueueTrouble(exitCode.format)
    const { roles, taps } = this.#shared
    const who = submitter(this.#uid, roles, claim === '' ? undefined : claim)
    this.#submission = new Submission({ uid: this.#uid, who, speaker: speakerOf(this.#uid, roles) }, this.#shared, taps.watch())
    this.#begun = performance.now()
    this.#state = 'receiving'
  }

  #receive(letter: Letter, body: Buffer): void {
    const submission = this.#submission as Submission
    try {
      if (letter === 'M') submission.message(body)
      else if (letter === 'E') submission.envelope(body)
      else if (letter === 'P') submission.facts(body)
      else if (letter === 'C') this.#commit(submission)
      else throw new QueueTrouble(letter === 'A' ? exitCode.readError : exitCode.format)
    } catch (error) {
      this.#drop()
      const ended = letter === 'C' || letter === 'A'
      this.#state = ended ? 'idle' : 'swallowing'
      this.#fail(error)
      if (ended && this.#leaving) this.leave('now')
    }
  }

  #commit(submission: Submission): void {
    submission.commit((error, id) => {
      this.#submission = undefined
      if (this.#state === 'committing') this.#state = 'idle'
      if (error === undefined) this.#answer(exitCode.queued, id)
      else this.#fail(error)
      if (this.#leaving) this.leave('now')
    })
    this.#state = 'committing'
  }

  #swallow(letter: Letter): void {
    if (letter === 'C' || letter === 'A') this.#state = 'idle'
    if (this.#leaving) this.leave('now')
  }

  #fail(error: unknown): void {
    this.#shared.complaints.tell(error, performance.now())
    this.#answer(codeOf(error))
  }

  #answer(code: number, id = '0'): void {
    if (this.#socket.writable) this.#socket.write(answerFrame(code, id))
  }

  #drop(): void {
    this.#submission?.discard()
    this.#submission = undefined
  }

  /** The peer is gone. A message that it has completed is queued all the same. */
  #lose(): void {
    if (this.#state !== 'committing') this.#drop()
    this.#state = 'closed'
  }
}
