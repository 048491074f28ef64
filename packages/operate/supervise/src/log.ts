/**
 * Log lines of the programs, each marked with its program's name, on descriptor 2: printable bytes only, whatever a
 * program has repeated.
 *
 * Each begins with the time where nobody else adds one: where descriptor 2 is a file or a terminal. A pipe or a socket
 * leads to a logger, whose lines stay as they were; control/logtimes says otherwise.
 */
import { once } from 'node:events'
import { fstatSync } from 'node:fs'
import { Socket, type SocketConstructorOpts } from 'node:net'
import type { ReadableOptions } from 'node:stream'
import { isatty } from 'node:tty'
import { readNumber } from '@yabumi/control'
import { logLineBytes, logPipeBytes } from '@yabumi/limits'
import { LineSplitter } from '@yabumi/logline'
import { widenPipe } from '@yabumi/posix'
import { printable } from '@yabumi/printable'

/**
 * After some lines the next ones gather in the pipe for so long: a busy system has seven lines a message, and to read and
 * write each as it comes costs a twentieth of all its time. The pipe is wide, because a thousand recipients fill the usual
 * one in half of that time, and then send would wait for us.
 */
const gatherMilliseconds = 20
/** After so much at once the next is read at once, before the pipe is full and its writer waits. */
const plentyBytes = 16_384
/** What is left in the pipe of a program that has ended is still passed on; somebody else who holds the pipe is not waited for. */
const lastWordsMilliseconds = 500

let hasTimes = false

/** From now on lines have a time if they are to have one. The working directory is the home. */
export function settleTimes(): void {
  const wish = readNumber('logtimes', -1)
  hasTimes = wish < 0 ? fstatSync(2).isFile() || isatty(2) : wish > 0
}

/** What a line that is written now begins with. */
function timeMark(): string {
  return hasTimes ? `${new Date().toISOString()} ` : ''
}

/** Write one line of our own. */
export function say(text: string): void {
  process.stderr.write(`${timeMark()}supervise: ${text}\n`)
}

/** A pipe whose lines are passed on until it ends. Its socket keeps next to nothing, so that a pause is one: what comes meanwhile stays in the pipe. */
export class LogPipe {
  readonly #socket: Socket
  readonly #closed: Promise<unknown>

  /**
   * @param fd - its end for reading
   * @param mark - what each line begins with; a line that says so itself is not marked twice
   * @param seen - called with each line, as a byte string without its end
   */
  constructor(fd: number, mark: string, seen: (line: string) => void = () => undefined) {
    const options: SocketConstructorOpts & ReadableOptions = { fd, readable: true, writable: false, highWaterMark: 1 }
    widenPipe(fd, logPipeBytes)
    this.#socket = new Socket(options)
    this.#closed = once(this.#socket, 'close').catch(() => undefined)
    const splitter = new LineSplitter(logLineBytes)
    const pass = (lines: readonly string[]): void => {
      const time = timeMark()
      const marked = lines
        .map((line) => printable(line))
        .map((line) => (line.startsWith(`${mark}: `) ? `${time}${line}\n` : `${time}${mark}: ${line}\n`))
      if (marked.length > 0) process.stderr.write(marked.join(''))
      lines.forEach(seen)
    }
    this.#socket.setEncoding('latin1')
    this.#socket.on('data', (text: string) => {
      pass(splitter.push(text))
      if (text.length < plentyBytes) this.#rest()
    })
    this.#socket.on('end', () => pass(splitter.end()))
    this.#socket.on('error', () => undefined)
  }

  #rest(): void {
    this.#socket.pause()
    setTimeout(() => this.#socket.resume(), gatherMilliseconds)
  }

  /** The program has ended. Resolves when its last words are written. */
  async end(): Promise<void> {
    await Promise.race([this.#closed, new Promise((resolve) => setTimeout(resolve, lastWordsMilliseconds).unref())])
  }
}
