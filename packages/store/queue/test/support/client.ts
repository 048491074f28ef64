/** A bare client of the queue socket: sends any bytes, keeps every answer. */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { FrameReader, frame, frameHeader, type Letter } from '@yabumi/enqueue'

export interface PlainAnswer {
  readonly code: number
  readonly number: string
}

export class PlainClient {
  readonly socket: Socket
  readonly answers: PlainAnswer[] = []
  /** Bytes that the queue has had room for. */
  readonly rooms: number[] = []
  #wake: () => void = () => undefined

  constructor(home: string) {
    this.socket = connect(join(home, 'queue.sock'))
    const reader = new FrameReader((letter, body) => {
      if (letter === 'R') this.rooms.push(Number(body.toString('latin1')))
      else if (letter === 'Q') this.answers.push({ code: body[0] as number, number: body.subarray(1).toString('latin1') })
      else throw new Error(`answer with letter ${letter}`)
      this.#wake()
    })
    this.socket.on('data', (bytes) => reader.read(bytes))
    this.socket.on('error', () => undefined)
    this.socket.on('close', () => this.#wake())
  }

  send(...frames: Buffer[]): void {
    this.socket.write(Buffer.concat(frames))
  }

  /** The n-th answer, counted from 1; undefined if the connection ends without it. */
  async answer(n: number): Promise<PlainAnswer | undefined> {
    while (this.answers.length < n && !this.socket.closed) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
    return this.answers[n - 1]
  }

  async closed(): Promise<void> {
    if (!this.socket.closed) await once(this.socket, 'close')
  }
}

/** A frame of any length that fits. */
export function bodyFrame(letter: Letter, body: string | Buffer): Buffer {
  const bytes = Buffer.from(body as string, 'latin1')
  return Buffer.concat([frameHeader(letter, bytes.length), bytes])
}

/** All frames of a message. */
export function messageFrames(mess: string, envelope: string, role = ''): Buffer {
  return Buffer.concat([frame('S', role), bodyFrame('M', mess), bodyFrame('E', envelope), frame('C')])
}
