/**
 * One connection to the resident queue, which carries one message at a time.
 *
 * Small frames are gathered, so that an ordinary message leaves in one write.
 */
import { connect, type Socket } from 'node:net'
import { queueFrameBytes } from '@yabumi/limits'
import { FrameReader, frame, frameHeader, type Letter } from './frames.ts'

/** What the resident queue says about a message: an exit code of queue, the message's number, a text for code 82. */
export interface Answer {
  readonly code: number | 'crashed'
  readonly number: string
  readonly text: string
}

const lost: Answer = { code: 'crashed', number: '0', text: '' }
const gatherBytes = 32_768
const readBytes = 1_024

export class QueueConnection {
  readonly #socket: Socket
  readonly #reader = new FrameReader((letter, body) => this.#take(letter, body))
  #gathered: Buffer[] = []
  #gatheredBytes = 0
  #answered: ((answer: Answer) => void) | undefined
  #answer: Promise<Answer> = Promise.resolve(lost)
  /** Waits for the room that was asked for. */
  #measured: ((bytes: number | undefined) => void) | undefined
  /** Whether queue has already said what becomes of this message. */
  hasAnswer = true
  /** Called when the connection has ended while it was idle. */
  onlost: () => void = () => undefined

  /** @param opened - called at least once, at first with the error of connect(2) if that failed */
  constructor(path: string, opened: (error?: NodeJS.ErrnoException) => void) {
    const buffer = Buffer.allocUnsafe(readBytes)
    const callback = (length: number) => this.#read(buffer.subarray(0, length))
    const socket = connect({ path, onread: { buffer, callback } })
    this.#socket = socket
    socket.once('connect', () => opened())
    socket.on('error', opened)
    socket.on('close', () => this.#lose())
  }

  get usable(): boolean {
    return !this.#socket.destroyed && this.#socket.writable
  }

  /** Ask between messages how many bytes the queue has room for. @returns undefined if queue does not say: it ended, or is of before */
  askRoom(): Promise<number | undefined> {
    this.#socket.ref()
    return new Promise((resolve) => {
      this.#measured = resolve
      if (!this.usable) this.#measure(undefined)
      this.#gather(frame('R'))
      this.#flush()
    })
  }

  /** Begin a message; keeps the process alive until the answer. @param facts - as text; empty for none */
  begin(role: string, facts: string): void {
    this.#socket.ref()
    this.hasAnswer = false
    this.#answer = new Promise((resolve) => {
      this.#answered = resolve
    })
    if (!this.usable) this.#settle(lost)
    this.#gather(frame('S', role))
    if (facts !== '') this.send('P', Buffer.from(facts, 'latin1'))
  }

  /** Send bytes of the facts, of the message or of the envelope. @returns false if the caller should wait for drained() */
  send(letter: 'P' | 'M' | 'E', bytes: Buffer): boolean {
    for (let at = 0; at < bytes.length; at += queueFrameBytes) {
      const body = bytes.subarray(at, at + queueFrameBytes)
      this.#gather(frameHeader(letter, body.length))
      this.#gather(body)
    }
    if (this.#gatheredBytes >= gatherBytes) this.#flush()
    return !this.#socket.writableNeedDrain
  }

  drained(): Promise<void> {
    const socket = this.#socket
    if (!socket.writableNeedDrain || !this.usable) return Promise.resolve()
    return new Promise((resolve) => {
      const done = () => {
        socket.off('drain', done).off('close', done)
        resolve()
      }
      socket.on('drain', done).on('close', done)
    })
  }

  /** End the message: accept it (C), or take it back (A). @returns the answer; 'crashed' if the connection broke first */
  end(letter: 'C' | 'A'): Promise<Answer> {
    this.#gather(frame(letter))
    this.#flush()
    return this.#answer
  }

  /** Nothing is in flight: the process may end. */
  rest(): void {
    this.#socket.unref()
  }

  close(): void {
    this.#socket.destroy()
  }

  #gather(bytes: Buffer): void {
    this.#gathered.push(bytes)
    this.#gatheredBytes += bytes.length
  }

  #flush(): void {
    if (this.usable) this.#socket.write(Buffer.concat(this.#gathered, this.#gatheredBytes))
    this.#gathered = []
    this.#gatheredBytes = 0
  }

  #read(bytes: Buffer): boolean {
    try {
      this.#reader.read(bytes)
    } catch {
      this.close()
    }
    return true
  }

  #take(letter: Letter, body: Buffer): void {
    const text = body.toString('latin1')
    const match = /^(.)(\d+)(?: (.*))?$/s.exec(text)
    if (letter === 'R' && this.#measured !== undefined) this.#measure(/^[0-9]+$/.test(text) ? Number(text) : undefined)
    else if (letter !== 'Q' || this.hasAnswer || match === null) this.close()
    else this.#settle({ code: (match[1] as string).charCodeAt(0), number: match[2] as string, text: match[3] ?? '' })
  }

  #measure(bytes: number | undefined): void {
    this.#measured?.(bytes)
    this.#measured = undefined
  }

  #lose(): void {
    this.#measure(undefined)
    if (this.hasAnswer) this.onlost()
    else this.#settle(lost)
  }

  #settle(answer: Answer): void {
    this.hasAnswer = true
    this.#answered?.(answer)
    this.#answered = undefined
  }
}

/** An answer to a question for the room. */
export function roomFrame(bytes: number): Buffer {
  return frame('R', String(bytes))
}

/** An answer frame. */
export function answerFrame(code: number, number: string, text = ''): Buffer {
  return frame('Q', `${String.fromCharCode(code)}${number}${text === '' ? '' : ` ${text}`}`)
}
