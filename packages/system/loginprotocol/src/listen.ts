/**
 * A Unix socket of the home that programs of certain accounts may call.
 *
 * Files   SOCKET; SOCKET.lock, whose flock says who listens: one program a home, and the next stands by
 * Trust   the kernel says who calls (SO_PEERCRED); whoever may not is closed before a byte is read
 * Crash   leaves SOCKET; the next listener takes the lock and puts a new one in its place
 */
import { chmodSync, chownSync, openSync, rmSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import { complain } from '@yabumi/commandline'
import { copyDescriptor, descriptorOf, lock, peerOf, tryLock } from '@yabumi/posix'
import { errorText, Trouble } from '@yabumi/trouble'
import { Conversation } from './conversation.ts'

const backlog = 4_096 // a front that is asked by many at once must not hear that there is no room

/** How many connections an account may have, and what a call is. */
export interface Answering {
  readonly connectionsPerCaller: number
  mayCall(uid: number): boolean
  /** Answers one caller to the end; the conversation is closed when it returns. Never throws. */
  answer(conversation: Conversation, uid: number): Promise<void>
  /** Told at times that somebody has more connections than that. */
  refused(uid: number): void
}

export class CallerSocket {
  readonly #path: string
  readonly #server: Server
  readonly #open = new Map<Conversation, number>()

  private constructor(path: string, server: Server) {
    this.#path = path
    this.#server = server
  }

  /**
   * Listen, once no other program does. Nobody is heard before answerWith(): the caller can become another account first.
   *
   * @param path - in the working directory, the home
   * @param owner - who alone may connect; undefined: anybody may, and is judged by who it is
   * @throws Trouble 4.3.0 if it cannot be had
   */
  static async open(path: string, owner?: { uid: number; gid: number }): Promise<CallerSocket> {
    await takeTurn(path)
    const server = createServer({ pauseOnConnect: true })
    rmSync(path, { force: true })
    await new Promise<void>((resolve, reject) => {
      server.once('error', (cause) => reject(unable('listen on', path, cause)))
      server.listen({ path, backlog }, resolve)
    })
    if (owner !== undefined && process.geteuid?.() === 0) chownSync(path, owner.uid, owner.gid)
    chmodSync(path, owner === undefined ? 0o666 : 0o600)
    return new CallerSocket(path, server)
  }

  answerWith(answering: Answering): void {
    this.#server.on('connection', (socket) => void this.#accept(socket, answering))
  }

  /** Take no more calls, and end those under way. */
  close(): void {
    this.#server.close()
    try {
      rmSync(this.#path, { force: true })
    } catch {
      // not ours to remove any more: the next listener does
    }
    for (const conversation of this.#open.keys()) conversation.close()
  }

  async #accept(socket: Socket, { connectionsPerCaller, mayCall, answer, refused }: Answering): Promise<void> {
    const conversation = this.#take(socket, mayCall)
    if (conversation === undefined) return
    const { uid } = conversation
    if ([...this.#open.values()].filter((other) => other === uid).length >= connectionsPerCaller) {
      conversation.with.close()
      refused(uid)
      return
    }
    this.#open.set(conversation.with, uid)
    try {
      await answer(conversation.with, uid)
    } finally {
      if (!conversation.with.keepsStrange) this.#open.delete(conversation.with) // else its caller has one place less for good
      conversation.with.close()
    }
  }

  /** The connection without the server's socket, which would read more than a record. */
  #take(socket: Socket, mayCall: (uid: number) => boolean): { with: Conversation; uid: number } | undefined {
    try {
      const { uid } = peerOf(descriptorOf(socket))
      return mayCall(uid) ? { with: Conversation.accepted(copyDescriptor(descriptorOf(socket))), uid } : undefined
    } catch {
      return undefined // gone already, or no descriptor left
    } finally {
      socket.destroy()
    }
  }
}

/** Wait for the lock. Its descriptor stays open as long as the process lives. */
async function takeTurn(path: string): Promise<void> {
  let fd: number
  try {
    fd = openSync(`${path}.lock`, 'a', 0o600)
  } catch (cause) {
    throw unable('open', `${path}.lock`, cause)
  }
  if (tryLock(fd)) return
  complain(`${path} of ${process.cwd()} has a listener; waiting for it to end`)
  await lock(fd, Number.POSITIVE_INFINITY)
}

function unable(act: string, path: string, cause: unknown): Trouble {
  return new Trouble('4.3.0', `unable to ${act} ${process.cwd()}/${path}: ${errorText(cause)}`, { cause })
}
