/**
 * `local --worker`: one user's deliveries, many at a time, for as long as lspawn wants (package spawnprotocol, worker).
 *
 * In      descriptor 0: orders; descriptor 3: the descriptor of each order's message
 * Out     descriptor 1: answers, those of one turn of the event loop in one write
 * End     of descriptor 0: what is under way is finished, then the worker ends; so it does not outlive lspawn for long
 */
import { closeSync } from 'node:fs'
import { Socket } from 'node:net'
import { byteEnvironment } from '@yabumi/commandline'
import { receiveDescriptor } from '@yabumi/posix'
import { type Answer, encodeAnswer, type Order, OrderDecoder, workerSocket } from '@yabumi/spawnprotocol'
import { Capture } from './capture.ts'
import { deliver } from './deliver.ts'
import { parseRequest, usage } from './request.ts'

/** Deliver until there are no more orders. */
export async function work(): Promise<void> {
  const answers = new AnswerWriter(new Socket({ fd: 1, readable: false, writable: true }))
  const underWay = new Set<Promise<void>>()
  const decoder = new OrderDecoder()
  for await (const bytes of new Socket({ fd: 0, readable: true, writable: false })) {
    const orders = decoder.push(bytes as Buffer)
    const alone = orders.length === 1 && underWay.size === 0
    for (const order of orders) {
      const delivery = carryOut(order, alone).then((answer) => {
        answers.add(answer)
        underWay.delete(delivery)
      })
      underWay.add(delivery)
    }
  }
  await Promise.all(underWay)
  await answers.end()
}

async function carryOut({ id, args }: Order, alone: boolean): Promise<Answer> {
  const request = parseRequest(args)
  let fd: number
  try {
    fd = receiveDescriptor(workerSocket)
  } catch {
    return { id, exit: 111, text: 'Unable to receive message. (#4.3.0)\n' }
  }
  try {
    if (request === undefined) return { id, exit: 100, text: `${usage}\n` }
    const output = new Capture()
    const exit = await deliver(request, fd, { dryRun: false, alone, environment: byteEnvironment(), output })
    return { id, exit, text: await output.end() }
  } finally {
    closeSync(fd)
  }
}

/** Gathers the answers of one turn and writes them together. */
class AnswerWriter {
  readonly #socket: Socket
  #waiting: Buffer[] = []

  constructor(socket: Socket) {
    this.#socket = socket
    socket.on('error', () => {}) // lspawn is gone; the deliveries are not less delivered
  }

  add(answer: Answer): void {
    if (this.#waiting.length === 0) setImmediate(() => this.#flush())
    this.#waiting.push(encodeAnswer(answer))
  }

  async end(): Promise<void> {
    this.#flush()
    if (this.#socket.destroyed) return
    await new Promise<void>((resolve) => this.#socket.once('close', resolve).end(() => resolve()))
  }

  #flush(): void {
    if (this.#waiting.length > 0) this.#socket.write(Buffer.concat(this.#waiting))
    this.#waiting = []
  }
}
