/** The process that hears what sessions say on their descriptor 2: sessionlog, as account log. It is not root, and believes nobody. */
import type { ChildProcess } from 'node:child_process'
import { closeSync } from 'node:fs'
import { startProgram } from '@yabumi/child'
import { byteEnvironment, complain } from '@yabumi/commandline'
import { makePipe, sendDescriptor, socketPair } from '@yabumi/posix'

const restartSeconds = 1

export class Logger {
  #child: ChildProcess | undefined
  /** Our end of the socket on which it takes pipes. */
  #pipes = -1
  #isWanted = true

  start(): void {
    const [ours, theirs] = socketPair()
    const program = { file: 'bin/sessionlog', args: [], env: byteEnvironment() }
    const child = startProgram(program, { stdio: ['pipe', 'ignore', 'inherit', theirs] })
    closeSync(theirs)
    this.#child = child
    this.#pipes = ours
    child.stdin?.on('error', () => {}) // its end is seen below
    child.on('error', () => {}) // likewise
    child.on('close', () => {
      closeSync(ours)
      this.#child = undefined
      if (!this.#isWanted) return
      complain('sessiond: sessionlog has ended; what sessions say is lost until it runs again')
      setTimeout(() => this.#isWanted && this.start(), 1000 * restartSeconds)
    })
  }

  /**
   * Make a descriptor 2 for a session.
   *
   * @param mark - what its lines begin with, without a line end
   * @returns the end to write to, which the caller closes; undefined if nobody would read it
   */
  pipeFor(mark: string): number | undefined {
    if (this.#child === undefined) return undefined
    const { read, write } = makePipe(true)
    try {
      sendDescriptor(this.#pipes, read)
      this.#child.stdin?.write(`${mark}\n`, 'latin1') // the pipe is there when it hears of it
      return write
    } catch {
      closeSync(write)
      return undefined
    } finally {
      closeSync(read)
    }
  }

  stop(): void {
    this.#isWanted = false
    this.#child?.stdin?.end()
  }
}
