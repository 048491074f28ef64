/**
 * The process that hears what sessions say on their descriptor 2: sessionlog, as account log. It is not root, and
 * believes nobody.
 */
import type { ChildProcess } from 'node:child_process'
import { closeSync } from 'node:fs'
import { startProgram } from '@yabumi/child'
import { byteEnvironment, complain } from '@yabumi/commandline'
import { makePipe, sendDescriptor, socketPair } from '@yabumi/posix'
import { errorText } from '@yabumi/trouble'

interface Running {
  readonly child: ChildProcess
  /** Our end of the socket on which it takes pipes. */
  readonly pipes: number
}

/** It is started by the first session, and by the next one if it has died. */
export class Logger {
  #running: Running | undefined

  /**
   * Make a descriptor 2 for a session.
   *
   * @param mark - what its lines begin with, without a line end
   * @returns the end to write to, which the caller closes; undefined if nobody would read it
   */
  pipeFor(mark: string): number | undefined {
    const { read, write } = makePipe(true)
    try {
      this.#running ??= this.#start()
      sendDescriptor(this.#running.pipes, read)
      this.#running.child.stdin?.write(`${mark}\n`, 'latin1') // the pipe is there when it hears of it
      return write
    } catch (error) {
      closeSync(write)
      complain(`sessiond: what the ${mark} says is lost: ${errorText(error)}`)
      return undefined
    } finally {
      closeSync(read)
    }
  }

  stop(): void {
    this.#running?.child.stdin?.end()
  }

  #start(): Running {
    const [pipes, theirs] = socketPair()
    try {
      const child = startProgram(
        { file: 'bin/sessionlog', args: [], env: byteEnvironment() },
        { stdio: ['pipe', 'ignore', 'inherit', theirs] },
      )
      child.stdin?.on('error', () => {}) // its end is seen below
      child.on('error', () => {}) // likewise
      child.on('close', () => {
        closeSync(pipes)
        this.#running = undefined
      })
      return { child, pipes }
    } finally {
      closeSync(theirs)
    }
  }
}
