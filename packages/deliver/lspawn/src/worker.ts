/**
 * One resident `local --worker`: a process with one user's rights, and the deliveries it has under way.
 *
 * It is believed no more than its user. What it answers can end its own deliveries only; an answer to nothing, or no
 * answer at all but noise, ends the worker. Its death, whatever the cause, defers what it had under way.
 */
import type { ChildProcess } from 'node:child_process'
import { closeSync } from 'node:fs'
import type { Readable } from 'node:stream'
import { type Rights, startProgram } from '@yabumi/child'
import { byteEnvironment } from '@yabumi/commandline'
import { userWords } from '@yabumi/home'
import { sendDescriptor, socketPair } from '@yabumi/posix'
import { AnswerDecoder, type Content, encodeOrder, type Order, question } from '@yabumi/spawnprotocol'
import { cannotRunExit, isTemporary } from '@yabumi/trouble'
import type { Ending } from './verdict.ts'

export type Ended = (ending: Ending, written: string) => void

const retryMilliseconds = 20 // the socket takes some 280 descriptors that the worker has not taken: rare enough for no more than a look now and then
const lastWordsMilliseconds = 1000 // what is left in its pipe is read at once; a copy of a pipe elsewhere is not waited for

interface Unsent {
  readonly order: Order
  /** Goes in front of it, if it has no message in it. */
  readonly fd: number | undefined
  readonly ended: Ended
}

export class Worker {
  readonly #child: ChildProcess
  /** Our end of the socket on which it takes descriptors. */
  readonly #descriptors: number
  readonly #underWay = new Map<number, Ended>()
  readonly #decoder = new AnswerDecoder()
  #lastOrder = 0
  /** Since when it owes an answer: to the oldest of what it was given since it said something last. */
  #owesSince = 0
  /** Asked whether it is still there. */
  #question: { readonly id: number; readonly asked: number } | undefined
  /** The number of the question that told it to leave the home. */
  #restQuestion: number | undefined
  /** Orders whose messages' descriptors the socket has not taken; no answer can be for one of them. */
  readonly #unsent: Unsent[] = []
  #waiting: Buffer[] = []
  #hasAnswered = false
  #isDead = false
  /** Resolves when the process has ended. */
  readonly ended: Promise<void>

  /**
   * @param hear - gets what it writes on descriptor 2, which is destroyed soon after its end
   * @throws the system's error if no socket or process is to be had
   */
  constructor(rights: Rights | undefined, hear: (complaints: Readable) => void) {
    const [ours, theirs] = socketPair()
    this.#descriptors = ours
    try {
      this.#child = startProgram(
        { file: 'bin/local', args: ['--worker', ...(rights === undefined ? [] : userWords(rights))], env: byteEnvironment() },
        { stdio: ['pipe', 'pipe', 'pipe', theirs] },
      )
    } catch (error) {
      closeSync(ours)
      throw error
    } finally {
      closeSync(theirs)
    }
    const child = this.#child
    child.stdin?.on('error', () => {}) // its death is seen below
    child.stdout?.on('error', () => {})
    child.stdout?.on('data', (bytes: Buffer) => this.#hear(bytes))
    if (child.stderr !== null) hear(child.stderr)
    child.on('exit', () => setTimeout(() => this.#stopListening(), lastWordsMilliseconds).unref())
    this.ended = new Promise((resolve) => {
      child.on('error', () => this.#die(cannotRunExit, resolve))
      child.on('close', (code) => this.#die(code === null || this.#hasAnswered ? 'crashed' : cannotRunExit, resolve))
    })
  }

  get pid(): number {
    return this.#child.pid ?? 0
  }

  /** Deliveries under way. */
  get busy(): number {
    return this.#underWay.size + this.#unsent.length
  }

  /**
   * Have a message delivered.
   *
   * @param args - local's eight arguments
   * @param content - the message; a descriptor stays the caller's, who keeps it open until `ended`
   * @param ended - told once what came of it
   */
  deliver(args: readonly string[], content: Content, ended: Ended): void {
    if (this.#isDead) {
      ended(cannotRunExit, '') // it takes nothing any more
      return
    }
    if (this.busy === 0) this.#owesSince = performance.now()
    this.#lastOrder += 1
    const id = this.#lastOrder
    const [order, fd] = typeof content === 'number' ? [{ id, args }, content] : [{ id, args, message: content }, undefined]
    this.#unsent.push({ order, fd, ended })
    if (this.#unsent.length === 1) this.#send()
  }

  /**
   * See whether it still does something. One that has said nothing for a while is asked whether it is there; one that does not even answer that
   * is stuck in a file system, or stopped: it is killed, and its deliveries end as `silent`.
   *
   * @returns whether it was given up
   */
  watch(silenceSeconds: number): boolean {
    const now = performance.now()
    const isOver = (since: number): boolean => now - since > silenceSeconds * 1000
    if (this.#isDead || this.busy === 0 || !isOver(this.#owesSince)) return false
    if (this.#question === undefined) {
      this.#question = { id: this.#ask(), asked: now }
      return false
    }
    if (!isOver(this.#question.asked)) return false
    this.kill() // in vain where the kernel waits for the file system
    this.#end('silent')
    return true
  }

  /** Have one without deliveries leave its user's home, which others may want to unmount. */
  rest(): void {
    if (!this.#isDead && this.busy === 0) this.#restQuestion = this.#ask()
  }

  /** @returns the number that its answer will have */
  #ask(): number {
    this.#lastOrder += 1
    for (const bytes of encodeOrder({ id: this.#lastOrder, args: question })) this.#child.stdin?.write(bytes)
    return this.#lastOrder
  }

  /**
   * Let a worker go that has no deliveries under way: it is told to end, and made to if it does not heed. A user who
   * stops workers would otherwise fill lspawn with their descriptors.
   */
  dismiss(patienceMilliseconds: number): void {
    this.finish()
    const timer = setTimeout(() => this.kill(), patienceMilliseconds)
    this.#child.once('exit', () => clearTimeout(timer))
  }

  /** Give it no further orders. It brings what it has to an end and leaves: its user's programs are told to end, and made to. */
  finish(): void {
    this.#child.stdin?.end()
  }

  kill(): void {
    this.#child.kill('SIGKILL')
  }

  /** In order: a message's descriptor, then its order. What the socket does not take yet waits here, for the worker to take earlier ones. */
  #send(): void {
    if (this.#isDead) return
    try {
      for (let next = this.#unsent[0]; next !== undefined; next = this.#unsent[0]) {
        if (next.fd !== undefined) sendDescriptor(this.#descriptors, next.fd)
        this.#unsent.shift()
        this.#underWay.set(next.order.id, next.ended)
        if (this.#waiting.length === 0) setImmediate(() => this.#flush())
        this.#waiting.push(...encodeOrder(next.order))
      }
    } catch (error) {
      if (isTemporary(error)) setTimeout(() => this.#send(), retryMilliseconds)
      else for (const { ended } of this.#unsent.splice(0)) ended(cannotRunExit, '') // it has closed its end
    }
  }

  #flush(): void {
    if (this.#waiting.length > 0) this.#child.stdin?.write(Buffer.concat(this.#waiting))
    this.#waiting = []
  }

  #hear(bytes: Buffer): void {
    this.#hasAnswered = true
    this.#owesSince = performance.now()
    try {
      for (const { id, exit, text } of this.#decoder.push(bytes)) {
        if (id === this.#question?.id) {
          this.#question = undefined
          continue
        }
        if (id === this.#restQuestion) {
          this.#restQuestion = undefined
          continue
        }
        const ended = this.#underWay.get(id)
        if (ended === undefined) throw new Error('an answer to no order')
        this.#underWay.delete(id)
        ended(exit, text)
      }
    } catch {
      this.#child.stdout?.destroy()
      this.kill()
    }
  }

  #stopListening(): void {
    this.#child.stdout?.destroy()
    this.#child.stderr?.destroy()
  }

  /** Its process has ended, or could not be started. */
  #die(ending: Ending, resolve: () => void): void {
    if (this.#child.pid !== undefined && this.#child.exitCode === null && this.#child.signalCode === null) return
    if (!this.#isDead) this.#end(ending)
    resolve()
  }

  #end(ending: Ending): void {
    this.#isDead = true
    closeSync(this.#descriptors)
    const owed = [...this.#underWay.values(), ...this.#unsent.splice(0).map(({ ended }) => ended)]
    this.#underWay.clear()
    for (const ended of owed) ended(ending, '')
  }
}
