/**
 * Go through the queue part by part: the split directories 0 to 22, in order (spec §1.1).
 *
 * Two threads look at a large queue, half of the parts each, because nearly all of the time goes into system calls.
 * The second thread runs the program's own file again, so a program that uses this asks isThread first:
 *
 *     if (isThread) answerParts(lookAtPart)
 *     else void run(...)    // somewhere in there: for await (const result of lookByParts(lookAtPart, order, messages))
 */
import { availableParallelism } from 'node:os'
import { parentPort, Worker, workerData } from 'node:worker_threads'
import { messagesForOneThread } from '@yabumi/limits'
import { split } from '@yabumi/queuedir'

const parts = split
/** The argument of the second thread: none that somebody could give to a program. To ask node:worker_threads would load it, which takes 3 ms. */
const threadWord = '\0'

/** What a program does with one part. Both order and result go from thread to thread: plain data, no functions. */
export type Look<Order, Result> = (part: number, order: Order) => Result

/** Whether this is the second thread, whose only task is answerParts(). */
export const isThread: boolean = process.argv[2] === threadWord

/**
 * Look at every part, and give the results in the order of the parts.
 *
 * @param messages - about how many there are: a second thread costs 20 ms
 */
export async function* lookByParts<Order, Result>(look: Look<Order, Result>, order: Order, messages: number): AsyncGenerator<Result, void> {
  const isLarge = messages > messagesForOneThread && availableParallelism() > 1
  const mine = isLarge ? Math.ceil(parts / 2) : parts
  const others = isLarge ? new OtherHalf<Order, Result>(mine, order) : undefined
  try {
    for (let part = 0; part < mine; part += 1) yield look(part, order)
    if (others !== undefined) yield* others.results()
  } finally {
    await others?.end()
  }
}

interface Task<Order> {
  readonly first: number
  readonly order: Order
}

/** In the second thread: look at the parts that are its share. */
export function answerParts<Order, Result>(look: Look<Order, Result>): void {
  const { first, order } = workerData as Task<Order>
  for (let part = first; part < parts; part += 1) parentPort?.postMessage(look(part, order))
}

/** The parts that the second thread looks at, from `first` to the last. */
class OtherHalf<Order, Result> {
  readonly #count: number
  readonly #worker: Worker
  readonly #waiting: Result[] = []
  #trouble: Error | undefined
  #heard: () => void = () => undefined

  constructor(first: number, order: Order) {
    this.#count = parts - first
    const task: Task<Order> = { first, order }
    // with stdout and stderr of its own, because Node would make the program's descriptors non-blocking to pass them on
    this.#worker = new Worker(process.argv[1] as string, { argv: [threadWord], workerData: task, stdout: true, stderr: true })
    this.#worker.on('message', (result: Result) => {
      this.#waiting.push(result)
      this.#heard()
    })
    this.#worker.on('error', (error: Error) => {
      this.#trouble = error
      this.#heard()
    })
  }

  async *results(): AsyncGenerator<Result, void> {
    for (let given = 0; given < this.#count; given += 1) {
      while (this.#waiting.length === 0) await this.#next()
      yield this.#waiting.shift() as Result
    }
  }

  async end(): Promise<void> {
    await this.#worker.terminate()
  }

  async #next(): Promise<void> {
    if (this.#trouble !== undefined) throw this.#trouble
    await new Promise<void>((resolve) => {
      this.#heard = resolve
    })
  }
}
