/**
 * Asks clean to remove files (spec §2.3), as many at a time as there are: it answers each with one byte, in order.
 */
import type { MessageId } from '@yabumi/queuedir'
import { Peer, type PipeEnds } from './peer.ts'

/** `todo`: intd and todo, the message is preprocessed. `foop`: intd and mess, the message is gone. */
export type CleanVerb = 'todo' | 'foop'

interface Question {
  readonly verb: CleanVerb
  readonly id: MessageId
  readonly answer: (removed: boolean) => void
}

const plus = '+'.charCodeAt(0)
const forgetEvery = 1_000

export class Cleaner {
  readonly #peer: Peer
  #asked: Question[] = []
  #answered = 0 // of those, from the front
  #lost = false
  readonly #removing = new Set<MessageId>()

  /**
   * @param lost - called once if clean has gone; every question then open is answered with false
   * @param wake - called after answers
   */
  constructor(ends: PipeEnds, lost: () => void, wake: () => void) {
    this.#peer = new Peer(ends, {
      heard: (bytes) => {
        this.#hear(bytes)
        wake()
      },
      ready: () => undefined,
      lost: () => {
        this.#lost = true
        lost()
        while (this.pending > 0) this.#answer(false)
      },
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
  ask(verb: CleanVerb, id: MessageId, answer: (removed: boolean) => void): void {
    if (this.#lost) {
      setImmediate(answer, false)
      return
    }
    if (verb === 'foop') this.#removing.add(id)
    this.#asked.push({ verb, id, answer })
    this.#peer.say(Buffer.from(`${verb}/${id}\0`, 'latin1'))
  }

  flush(): void {
    this.#peer.flush()
  }

  #hear(bytes: Buffer): void {
    for (const byte of bytes) if (this.pending > 0) this.#answer(byte === plus)
  }

  #answer(removed: boolean): void {
    const { verb, id, answer } = this.#asked[this.#answered] as Question
    if (verb === 'foop') this.#removing.delete(id)
    this.#answered += 1
    if (this.#answered === this.#asked.length || this.#answered === forgetEvery) {
      this.#asked.splice(0, this.#answered)
      this.#answered = 0
    }
    answer(removed)
  }
}
