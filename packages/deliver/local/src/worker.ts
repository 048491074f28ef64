/**
 * `local --worker`: one user's deliveries, many at a time, for as long as lspawn wants (package spawnprotocol, worker).
 *
 * In      descriptor 0: orders; descriptor 3: the descriptor of the message of each order that has none in it
 * Out     descriptor 1: answers, those of one turn of the event loop in one write
 * End     of descriptor 0: what is under way is finished, users' programs are ended, then the worker ends. So it does
 *         not outlive lspawn for long
 *
 * With nothing under way it waits in a plain read, outside the event loop. Where there are many users each message
 * wakes up another worker, whose code has left the processor's caches. What a delivery costs is how much code it runs
 * through.
 */
import { closeSync, read, readSync } from 'node:fs'
import { promisify } from 'node:util'
import { byteEnvironment, complain } from '@yabumi/commandline'
import { writeAll } from '@yabumi/files'
import { receiveDescriptor } from '@yabumi/posix'
import { type Answer, encodeAnswer, isQuestion, type Order, OrderDecoder, workerSocket } from '@yabumi/spawnprotocol'
import { errnoOf } from '@yabumi/trouble'
import { Capture } from './capture.ts'
import { deliver } from './deliver.ts'
import { endPrograms } from './program.ts'
import { parseRequest, usage } from './request.ts'

const orders = 0
const answers = 1

/** Deliver until there are no more orders. */
export async function work(): Promise<void> {
  process.on('uncaughtException', dieAtOnce)
  const buffer = Buffer.allocUnsafe(65_536)
  const decoder = new OrderDecoder()
  const writer = new AnswerWriter()
  const underWay = new Set<Promise<void>>()
  for (;;) {
    const idle = underWay.size === 0
    if (idle) writer.flush()
    const length = await nextOrders(buffer, idle)
    if (length === 0) break
    const some = decoder.push(buffer.subarray(0, length))
    const alone = some.length === 1 && underWay.size === 0
    for (const order of some) {
      if (isQuestion(order)) {
        if (underWay.size === 0) process.chdir('/') // lspawn asks who rests, too: so a home can be unmounted
        writer.add({ id: order.id, exit: 0, text: '' })
        continue
      }
      const delivery = carryOut(order, alone).then((answer) => {
        writer.add(answer)
        underWay.delete(delivery)
      })
      underWay.add(delivery)
    }
    await Promise.race([...underWay, nextTurn()]) // a delivery that is alone mostly needs no turn of the event loop
  }
  endPrograms()
  await Promise.all(underWay)
  writer.flush()
}

/** exit() would wait for the thread that reads orders meanwhile. */
function dieAtOnce(error: unknown): void {
  complain(`local: ${error instanceof Error ? error.stack : String(error)}`)
  process.kill(process.pid, 'SIGKILL')
}

const readInAThread = promisify(read)

/** @param idle - whether there is nothing else to do meanwhile. @returns how many bytes there are; 0 at the end */
async function nextOrders(buffer: Buffer, idle: boolean): Promise<number> {
  for (;;) {
    try {
      if (idle) return readSync(orders, buffer, 0, buffer.length, null)
      return (await readInAThread(orders, buffer, 0, buffer.length, null)).bytesRead
    } catch (error) {
      if (errnoOf(error) !== 'EINTR') throw error
    }
  }
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

async function carryOut({ id, args, message }: Order, alone: boolean): Promise<Answer> {
  const request = parseRequest(args)
  let content: Buffer | number
  try {
    content = message ?? receiveDescriptor(workerSocket)
  } catch {
    return { id, exit: 111, text: 'Unable to receive message. (#4.3.0)\n' }
  }
  try {
    if (request === undefined) return { id, exit: 100, text: `${usage}\n` }
    const output = new Capture()
    const exit = await deliver(request, content, { dryRun: false, alone, environment: byteEnvironment(), output })
    return { id, exit, text: await output.end() }
  } finally {
    if (typeof content === 'number') closeSync(content)
  }
}

/** Gathers answers and writes them together: those of one turn, or before the worker waits. */
class AnswerWriter {
  #waiting: Buffer[] = []
  #asked = false

  add(answer: Answer): void {
    this.#waiting.push(encodeAnswer(answer))
    if (this.#asked) return
    this.#asked = true
    setImmediate(() => {
      this.#asked = false
      this.flush()
    })
  }

  flush(): void {
    if (this.#waiting.length === 0) return
    const bytes = Buffer.concat(this.#waiting)
    this.#waiting = []
    try {
      writeAll(answers, bytes)
    } catch {
      // lspawn is gone; the deliveries are not less delivered
    }
  }
}
