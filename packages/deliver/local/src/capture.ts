/**
 * What one delivery of a worker says, its programs included, as one text for the report.
 *
 * As in qmail, whatever still holds the programs' output open belongs to the delivery. A program's children in the
 * background may go on writing, and their text comes before the delivery's own last line. Here, not for ever.
 */
import { closeSync } from 'node:fs'
import { Socket } from 'node:net'
import { programOutputSeconds } from '@yabumi/limits'
import { makePipe } from '@yabumi/posix'
import { ReportText } from '@yabumi/spawnprotocol'
import type { Output } from './deliver.ts'

interface ProgramPipe {
  readonly write: number
  readonly reader: Socket
}

export class Capture implements Output {
  readonly #text = new ReportText()
  #own = ''
  #pipe: ProgramPipe | undefined

  say(text: string): void {
    this.#own += text
  }

  complain(text: string): void {
    this.#own += text
  }

  forPrograms(): readonly [stdout: number, stderr: number] {
    this.#pipe ??= this.#open()
    return [this.#pipe.write, this.#pipe.write]
  }

  /** The whole text, once nobody writes any more. To be called once. */
  async end(): Promise<string> {
    if (this.#pipe !== undefined) await this.#drain(this.#pipe)
    this.#text.append(Buffer.from(this.#own, 'latin1'))
    return String(this.#text)
  }

  #open(): ProgramPipe {
    const { read, write } = makePipe(true)
    const reader = new Socket({ fd: read, readable: true, writable: false })
    reader.on('data', (bytes) => this.#text.append(bytes))
    reader.on('error', () => {}) // what cannot be read is not in the report
    return { write, reader }
  }

  async #drain({ write, reader }: ProgramPipe): Promise<void> {
    closeSync(write)
    await new Promise<void>((resolve) => {
      const timer = setTimeout(() => reader.destroy(), programOutputSeconds * 1000)
      reader.on('close', () => {
        clearTimeout(timer)
        resolve()
      })
    })
  }
}
