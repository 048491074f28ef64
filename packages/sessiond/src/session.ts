/** One session: the program that serves the client, as its user, with the connection as descriptors 0 and 1. */
import type { ChildProcess } from 'node:child_process'
import { Socket } from 'node:net'
import { copyDescriptor } from '@yabumi/posix'

export class Session {
  readonly #child: ChildProcess
  #isTold = false
  /** Resolves with how it ended: an exit code, or a signal. */
  readonly ended: Promise<string>

  /** @param front - what the front has the other end of: it hears of the session's end there, and ends it by closing its own */
  constructor(child: ChildProcess, front: number) {
    this.#child = child
    const socket = new Socket({ fd: copyDescriptor(front), readable: true, writable: true })
    socket.on('error', () => socket.destroy()).on('close', () => this.end())
    socket.resume() // a front has nothing to say here
    this.ended = new Promise((resolve) => {
      child.on('error', () => resolve('not started'))
      child.on('exit', (code, signal) => resolve(signal ?? String(code)))
    })
    void this.ended.then((status) => socket.end(`${status}\n`))
  }

  get pid(): number {
    return this.#child.pid ?? 0
  }

  /** Tell it to end, once: at a second TERM it would not finish the reply that it is in. What it has not done by QUIT it does not do. */
  end(): void {
    if (this.#isTold) return
    this.#isTold = true
    this.#child.kill('SIGTERM')
  }
}
