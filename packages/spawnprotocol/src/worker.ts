/**
 * What lspawn and a resident `local --worker` say to each other. Both directions are records of NUL-terminated fields.
 *
 * Orders go down on the worker's descriptor 0: a number, then the eight arguments of local (spec §2.7.1). For each one
 * the descriptor of the message goes down first, on the socket that is the worker's descriptor 3.
 * A question is an order for nothing: an answer to it says that the worker is not stuck.
 * Answers come up on its descriptor 1, in any order: the number, the exit code local would have had, what it would have
 * written. The worker runs with the user's rights: lspawn believes nothing in an answer beyond the order it is for.
 */
import { localReportBytes } from '@yabumi/limits'

/** One delivery for a worker. Strings are byte strings without NUL. */
export interface Order {
  readonly id: number
  readonly args: readonly string[]
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

const orderFields = 9
const answerFields = 3
const orderBytes = 262_144 // addresses, a home, and the default delivery, which comes from a command line
const answerBytes = localReportBytes + 64

/** The arguments of a question: an order without a descriptor, which the worker answers at once, whatever else it has under way. */
export const question: readonly string[] = ['', '', '', '', '', '', '', '']

export function isQuestion({ args }: Order): boolean {
  return args.every((argument) => argument === '')
}

export function encodeOrder(order: Order): Buffer {
  return Buffer.from(`${order.id}\0${order.args.join('\0')}\0`, 'latin1')
}

export function encodeAnswer(answer: Answer): Buffer {
  return Buffer.from(`${answer.id}\0${answer.exit}\0${answer.text}\0`, 'latin1')
}

/** Finds the orders in a stream that arrives in arbitrary pieces. */
export class OrderDecoder {
  readonly #records = new RecordDecoder(orderFields, orderBytes)

  /** @throws Error if this is no stream of orders */
  push(bytes: Buffer): Order[] {
    return this.#records.push(bytes).map(([id, ...args]) => ({ id: decimal(id), args }))
  }
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
