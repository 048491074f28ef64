/**
 * Hand a message to a queue program: the child's descriptor 0 is the message, 1 the envelope, 6 what it wants to say
 * (spec §2.2). Its exit code is the answer.
 *
 * Order: the whole message, its end, the envelope, and only then the NUL that makes the envelope count. A submission
 * that is given up never sends that NUL, so whatever becomes of this process, half a message is not accepted.
 */
import type { ChildProcess } from 'node:child_process'
import { accessSync, closeSync, constants } from 'node:fs'
import { Socket } from 'node:net'
import { startProgram } from '@yabumi/child'
import { homeDirectory } from '@yabumi/home'
import { makePipe } from '@yabumi/posix'
import { cannotRunExit } from '@yabumi/trouble'
import { envelopeChunks } from './chunks.ts'
import { cannotEnterHome, customTextBytes, customTexts, type Outcome, outcomeOf, unreadable } from './outcome.ts'
import type { Way } from './way.ts'

type Pipe = ReturnType<typeof makePipe>
type End = { readonly code: number } | 'crashed'

/** The queue of this home, as submission.ts names it. */
export const ownQueue = 'bin/queue'

/**
 * Whether our own queue never says this: of the codes that mean "for good" it has one, 11. A Node that cannot start, for want of a descriptor or of
 * memory, ends with the number of that error, 12 or 24, and nobody's mail shall bounce for that.
 */
function neverOurs(code: number): boolean {
  return code > 11 && code <= 40
}

export class QueueProgram implements Way {
  readonly #message: Socket
  readonly #envelope: Socket
  readonly #remark: Socket
  readonly #end: Promise<End>
  readonly #isOurs: boolean
  #qp = '0'
  /** A pipe broke, or the sender gave up: exit code 0 would be a lie then. */
  #failed = false
  #said = ''

  /**
   * @throws what pipe(2), fstat(2) and fork(2) throw: too many open files or processes; nothing is left open then
   * @param program - path of the queue program, as QMAILQUEUE gives it: relative to the home, PATH is not searched
   */
  constructor(program: string, environment: ReadonlyMap<string, string>) {
    this.#isOurs = program === ownQueue
    const [message, envelope, remark] = threePipes()
    const [ours, theirs] = [[message.write, envelope.write, remark.read] as const, [message.read, envelope.read, remark.write] as const]
    const sockets: Socket[] = []
    try {
      for (const fd of ours) sockets.push(new Socket({ fd, readable: fd === remark.read, writable: fd !== remark.read }))
      const child = start(program, environment, theirs)
      if (child.pid !== undefined) this.#qp = String(child.pid)
      this.#end = endOf(child)
    } catch (error) {
      for (const socket of sockets) socket.destroy()
      for (const fd of ours.slice(sockets.length)) closeSync(fd)
      throw error
    } finally {
      for (const fd of theirs) closeSync(fd)
    }
    ;[this.#message, this.#envelope, this.#remark] = sockets as [Socket, Socket, Socket]
    for (const socket of [this.#message, this.#envelope]) {
      socket.on('error', () => {
        this.#failed = true
      })
    }
    this.#remark.on('error', () => undefined)
    this.#remark.on('data', (bytes: Buffer) => {
      this.#said = (this.#said + bytes.toString('latin1')).slice(0, customTextBytes)
      if (this.#said.length === customTextBytes) this.#remark.destroy()
    })
  }

  write(bytes: Buffer): boolean {
    return this.#failed || this.#message.write(bytes)
  }

  drained(): Promise<void> {
    return drained(this.#message)
  }

  async finish(sender: string, recipients: Iterable<string>): Promise<Outcome> {
    await flushed(this.#message)
    try {
      for (const chunk of envelopeChunks(sender, recipients)) {
        if (this.#failed) break
        if (!this.#envelope.write(chunk)) await drained(this.#envelope)
      }
    } catch {
      this.#failed = true // an address with a NUL: what follows it would be read as another recipient
    }
    if (!this.#failed) this.#envelope.write(Buffer.alloc(1))
    await flushed(this.#envelope)
    return this.#outcome()
  }

  async abandon(): Promise<Outcome> {
    this.#failed = true
    this.#message.destroy()
    this.#envelope.destroy()
    return this.#outcome()
  }

  async #outcome(): Promise<Outcome> {
    const end = await this.#end
    if (end === 'crashed' || (this.#isOurs && neverOurs(end.code))) return outcomeOf('crashed', this.#qp)
    if (end.code === 0 && this.#failed) return unreadable(this.#qp)
    // a grandchild may keep descriptor 6 open for ever: wait for its end only where the text counts
    if (customTexts.has(end.code)) await closed(this.#remark)
    this.#remark.destroy()
    return outcomeOf(end.code, this.#qp, this.#said.split('\0', 1)[0])
  }
}

function threePipes(): [Pipe, Pipe, Pipe] {
  const pipes: Pipe[] = []
  try {
    while (pipes.length < 3) pipes.push(makePipe(true))
  } catch (error) {
    for (const fd of pipes.flatMap((pipe) => [pipe.read, pipe.write])) closeSync(fd)
    throw error
  }
  return pipes as [Pipe, Pipe, Pipe]
}

function start(program: string, environment: ReadonlyMap<string, string>, fds: readonly [number, number, number]): ChildProcess {
  const file = program.includes('/') ? program : `./${program}` // execv, not execvp
  const stdio = [fds[0], fds[1], 'inherit', 'ignore', 'ignore', 'ignore', fds[2]] as const
  const env = new Map(environment)
  // as we know it: a relative one would mean another place there
  if (process.env['YABUMI_HOME']) env.set('YABUMI_HOME', Buffer.from(homeDirectory()).toString('latin1'))
  return startProgram({ file, args: [], env }, { cwd: homeDirectory(), argv0: program, stdio: [...stdio] })
}

function endOf(child: ChildProcess): Promise<End> {
  return new Promise((resolve) => {
    child.once('error', () => resolve({ code: canEnter(homeDirectory()) ? cannotRunExit : cannotEnterHome }))
    child.once('exit', (code) => resolve(code === null ? 'crashed' : { code }))
  })
}

function canEnter(directory: string): boolean {
  try {
    accessSync(`${directory}/.`, constants.X_OK)
    return true
  } catch {
    return false
  }
}

function drained(socket: Socket): Promise<void> {
  if (!socket.writableNeedDrain || socket.destroyed) return Promise.resolve()
  return new Promise((resolve) => {
    const done = () => {
      socket.off('drain', done).off('close', done)
      resolve()
    }
    socket.on('drain', done).on('close', done)
  })
}

/** Write what is left and close; resolves in either case. */
function flushed(socket: Socket): Promise<void> {
  socket.end()
  return closed(socket)
}

function closed(socket: Socket): Promise<void> {
  if (socket.closed) return Promise.resolve()
  return new Promise((resolve) => {
    socket.once('close', () => resolve())
  })
}
