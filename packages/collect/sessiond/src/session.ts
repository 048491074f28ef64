/** One session: who serves the client, as its user, with the connection. */
import type { ChildProcess } from 'node:child_process'
import { closeSync } from 'node:fs'
import { Socket } from 'node:net'
import { copyDescriptor } from '@yabumi/posix'
import { Trouble } from '@yabumi/trouble'

/** What serves a session: a process of its own, or a worker that has others too. */
export interface Serving {
  readonly pid: number
  /** Resolves with how it ended: an exit code, or a signal. */
  readonly over: Promise<string>
  /** Ask it to end. */
  end(): void
}

/** A process that serves this session and no other. */
export function servingBy(child: ChildProcess): Serving {
  const over = new Promise<string>((resolve) => {
    child.on('error', () => resolve(notStarted))
    child.on('exit', (code, signal) => resolve(signal ?? String(code)))
  })
  return { pid: child.pid ?? 0, over, end: () => void child.kill('SIGTERM') }
}

export class Session {
  #serving: Serving | undefined
  #isTold = false
  readonly #over = Promise.withResolvers<string>()
  /** Resolves with how it ended: an exit code, or a signal. */
  readonly ended: Promise<string> = this.#over.promise

  /**
   * Before anything is started: a session that its front could not end is none.
   *
   * @param front - what the front has the other end of: it hears of the session's end there, and ends it by closing its own
   * @throws Trouble 5.3.5 if that is no socket
   */
  constructor(front: number) {
    const socket = socketOn(front)
    socket.on('error', () => socket.destroy()).on('close', () => this.end())
    socket.resume() // a front has nothing to say here
    void this.ended.then((status) => socket.end(`${status}\n`))
  }

  /** @param serving - who serves from now on */
  serveWith(serving: Serving): void {
    this.#serving = serving
    void serving.over.then((status) => this.#over.resolve(status))
    if (this.#isTold) serving.end()
  }

  get pid(): number {
    return this.#serving?.pid ?? 0
  }

  /** Tell it to end, once: at a second TERM it would not finish the reply that it is in. What it has not done by QUIT it does not do. */
  end(): void {
    if (this.#isTold) return
    this.#isTold = true
    if (this.#serving === undefined) this.#over.resolve(notStarted)
    else this.#serving.end()
  }
}

const notStarted = 'not started'

function socketOn(front: number): Socket {
  const fd = copyDescriptor(front)
  try {
    return new Socket({ fd, readable: true, writable: true })
  } catch (cause) {
    closeSync(fd)
    throw new Trouble('5.3.5', 'what the front would keep of the session is no socket', { cause })
  }
}
