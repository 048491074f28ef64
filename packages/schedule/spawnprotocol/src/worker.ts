/**
 * What lspawn and a resident `local --worker` say to each other. Both directions are records of NUL-terminated fields.
 *
 * Orders go down on the worker's descriptor 0: a number, the eight arguments of local (spec §2.7.1), the length of the
 * message, and its bytes. Where the length is empty the message is a file, whose descriptor goes down first, on the
 * socket that is the worker's descriptor 3. A question is an order for nothing: an answer to it says that the worker is
 * not stuck. One that has nothing to do leaves its user's home at a question. Answers come up on its descriptor 1, in
 * any order: the number, the exit code local would have had, what it would have written. The worker runs with the
 * user's rights: lspawn believes nothing in an answer beyond the order it is for.
 */
import { localReportBytes, spareMessageBytes } from '@yabumi/limits'

/** One delivery for a worker. Strings are byte strings without NUL. */
export interface Order {
  readonly id: number
  readonly args: readonly string[]
  /** Undefined if its descriptor was sent. */
  readonly message?: Buffer
}

/** What came of it. */
export interface Answer {
  readonly id: number
  /** 0 to 255. */
  readonly exit: number
  readonly text: string
}

/** The socket on which a worker takes descriptors. */
export const workerSocket = 3

const orderFields = 10
const answerFields = 3
const orderBytes = 262_144 + spareMessageBytes // addresses, a home, the default delivery, which comes from a command line, and a message
const answerBytes = localReportBytes + 64

/** The arguments of a question: an order without a descriptor, which the worker answers at once, whatever else it has under way. */
export const question: readonly string[] = ['', '', '', '', '', '', '', '']

export function isQuestion({ args }: Order): boolean {
  return args.every((argument) => argument === '')
}

/** The pieces of its wire form, so that a message need not be copied. */
export function encodeOrder({ id, args, message }: Order): Buffer[] {
  const head = Buffer.from(`${id}\0${args.join('\0')}\0${message?.length ?? ''}\0`, 'latin1')
  return message === undefined ? [head] : [head, message]
}

export function encodeAnswer(answer: Answer): Buffer {
  return Buffer.from(`${answer.id}\0${answer.exit}\0${answer.text}\0`, 'latin1')
}

/** Finds the orders in a stream that arrives in arbitrary pieces. */
export class OrderDecoder {
  /** What was not decoded, and how much there must be before there is something in it. */
  #pieces: Buffer[] = []
  #held = 0
  #wanted = 0

  /** @param bytes - may be written over afterwards. @throws Error if this is no stream of orders */
  push(bytes: Buffer): Order[] {
    this.#pieces.push(Buffer.from(bytes))
    this.#held += bytes.length
    // so that nothing is gone through again for each of its pieces
    if (this.#held < this.#wanted || (this.#wanted === 0 && !bytes.includes(0))) {
      if (this.#held > orderBytes) throw new Error('record is too long')
      return []
    }
    const stream = this.#pieces.length === 1 ? (this.#pieces[0] as Buffer) : Buffer.concat(this.#pieces)
    const orders: Order[] = []
    let start = 0
    for (let found = orderAt(stream, start); found !== undefined; found = orderAt(stream, start)) {
      this.#wanted = found.end - start
      if (found.end > stream.length) break
      orders.push(found.order)
      start = found.end
      this.#wanted = 0
    }
    const rest = stream.subarray(start)
    if (rest.length > orderBytes) throw new Error('record is too long')
    this.#pieces = rest.length === 0 ? [] : [rest]
    this.#held = rest.length
    return orders
  }
}

/** @returns undefined if its fields are not all there; its message may lack bytes before `end` */
function orderAt(stream: Buffer, start: number): { order: Order; end: number } | undefined {
  const fields: string[] = []
  let at = start
  while (fields.length < orderFields) {
    const end = stream.indexOf(0, at)
    if (end < 0) return undefined
    fields.push(stream.toString('latin1', at, end))
    at = end + 1
  }
  const [id, ...args] = fields
  const length = args.pop()
  if (length === '') return { order: { id: decimal(id), args }, end: at }
  const end = at + decimal(length)
  if (end - at > spareMessageBytes) throw new Error('record is too long')
  return { order: { id: decimal(id), args, message: stream.subarray(at, end) }, end }
}

/** Finds the answers in a stream that arrives in arbitrary pieces. */
export class AnswerDecoder {
  readonly #records = new RecordDecoder(answerFields, answerBytes)

  /** @throws Error if this is no stream of answers */
  push(bytes: Buffer): Answer[] {
    return this.#records.push(bytes).map(([id, exit, text]) => ({ id: decimal(id), exit: exitCode(exit), text: text as string }))
  }
}

/** Splits a stream into records of so many NUL-terminated fields. */
class RecordDecoder {
  readonly #fields: number
  readonly #longest: number
  #rest = ''

  constructor(fields: number, longest: number) {
    this.#fields = fields
    this.#longest = longest
  }

  push(bytes: Buffer): string[][] {
    this.#rest += bytes.toString('latin1')
    if (!bytes.includes(0)) {
      // so that no field is gone through again for each of its pieces
      this.#check()
      return []
    }
    const fields = this.#rest.split('\0')
    const records: string[][] = []
    const whole = Math.floor((fields.length - 1) / this.#fields) * this.#fields
    for (let start = 0; start < whole; start += this.#fields) records.push(fields.slice(start, start + this.#fields))
    this.#rest = fields.slice(whole).join('\0')
    this.#check()
    return records
  }

  #check(): void {
    if (this.#rest.length > this.#longest) throw new Error('record is too long')
  }
}

function decimal(text: string | undefined): number {
  if (text === undefined || !/^[0-9]{1,15}$/.test(text)) throw new Error('record has no number')
  return Number(text)
}

function exitCode(text: string | undefined): number {
  const code = decimal(text)
  if (code > 255) throw new Error('record has no exit code')
  return code
}
