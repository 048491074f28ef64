/**
 * Asks clean to remove files (spec §2.3), as many at a time as there are: it answers each with one byte, in order.
 */
import type { MessageId } from '@yabumi/queuedir'
import { Peer, type PipeEnds } from '../peer.ts'

/**
 * `todo`: intd and todo, the message is preprocessed. `foop`: intd and mess, the message is gone. `spare`: todo and mess of a message
 * that has never had an info, kept for queue to write over; qmail's own clean does not know it.
 */
export type CleanVerb = 'todo' | 'foop' | 'spare'

interface Question {
  readonly verb: CleanVerb
  readonly id: MessageId
  readonly answer: (removed: boolean, understood: boolean) => void
}

const plus = '+'.charCodeAt(0)
const nonsense = 'x'.charCodeAt(0)
const forgetEvery = 1_000

export class Cleaner {
  readonly #peer: Peer
  readonly #todoGone: () => void
  #asked: Question[] = []
  #answered = 0 // of those, from the front
  #lost = false
  readonly #removing = new Set<MessageId>()
  #knowsSpare = true

  /**
   * @param lost - called once if clean has gone; every question then open is answered with false
   * @param wake - called after answers
   * @param todoGone - called whenever it has removed a todo/N
   */
  constructor(ends: PipeEnds, lost: () => void, wake: () => void, todoGone: () => void) {
    this.#todoGone = todoGone
    this.#peer = new Peer(ends, {
      heard: (bytes) => {
        this.#hear(bytes)
        wake()
      },
      ready: () => undefined,
      lost: () => {
        this.#lost = true
        lost()
        while (this.pending > 0) this.#answer(false, true)
      },
      silent: () => undefined,
    })
  }

  /** Questions without an answer. */
  get pending(): number {
    return this.#asked.length - this.#answered
  }

  /**
   * Whether a message is being removed. Nobody may ask for that again before the answer: once the file is gone, its
   * number may be that of a new message.
   */
  isRemoving(id: MessageId): boolean {
    return this.#removing.has(id)
  }

  /** Ask at the end of this turn. */
  ask(verb: CleanVerb, id: MessageId, answer: (removed: boolean, understood: boolean) => void): void {
    if (this.#lost) {
      setImmediate(answer, false, true)
      return
    }
    if (verb !== 'todo') this.#removing.add(id)
    this.#asked.push({ verb, id, answer })
    this.#peer.say(Buffer.from(`${verb}/${id}\0`, 'latin1'))
  }

  /**
   * Ask to remove todo/N and mess/N of a message that has never had an info/N, at the end of this turn.
   *
   * @param mayBeKept - whether queue may write its files over
   * @param todoGone - told whether todo/N is
   * @param messLeft - called if mess/N is still there after that
   */
  askForAll(id: MessageId, mayBeKept: boolean, todoGone: (gone: boolean) => void, messLeft: () => void): void {
    if (mayBeKept && this.#knowsSpare) {
      this.ask('spare', id, (gone, understood) => {
        if (understood) todoGone(gone)
        else {
          this.#knowsSpare = false
          this.askForAll(id, false, todoGone, messLeft)
        }
      })
      return
    }
    this.ask('todo', id, (gone) => {
      if (gone) {
        this.ask('foop', id, (removed) => {
          if (!removed) messLeft()
        })
      }
      todoGone(gone)
    })
  }

  flush(): void {
    this.#peer.flush()
  }

  #hear(bytes: Buffer): void {
    for (const byte of bytes) if (this.pending > 0) this.#answer(byte === plus, byte !== nonsense)
  }

  #answer(removed: boolean, understood: boolean): void {
    const { verb, id, answer } = this.#asked[this.#answered] as Question
    if (verb !== 'todo') this.#removing.delete(id)
    this.#answered += 1
    if (this.#answered === this.#asked.length || this.#answered === forgetEvery) {
      this.#asked.splice(0, this.#answered)
      this.#answered = 0
    }
    if (removed && verb !== 'foop') this.#todoGone()
    answer(removed, understood)
  }
}
