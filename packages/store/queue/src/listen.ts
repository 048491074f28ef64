/**
 * The resident form: the socket of a home, its clients, and an orderly end.
 *
 * Files   queue.sock (mode 0666: anyone may connect, only we write queue/); queue.sock.lock, whose flock says who
 *         listens
 * Trust   the kernel says who a client is; nothing else is believed but a role, and that only from its account
 * Crash   leaves queue.sock; the next listener takes the lock and puts a new socket in its place
 */
import { chmodSync, openSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import { dirname, resolve } from 'node:path'
import { announceReady, complain } from '@yabumi/commandline'
import { StopTime } from '@yabumi/control'
import { queueSocketName } from '@yabumi/enqueue'
import { removeQuietly } from '@yabumi/files'
import { deathSeconds } from '@yabumi/limits'
import { copyDescriptor, descriptorOf, lock, peerOf, tryLock } from '@yabumi/posix'
import { errorText, Trouble } from '@yabumi/trouble'
import { Client } from './client.ts'
import { Complaints } from './complaint.ts'
import { Crowd } from './crowd.ts'
import { GroupCommit } from './groupcommit.ts'
import { becomeQueueAccount, checkDirectories } from './privileges.ts'
import { rolesOf } from './received.ts'
import { Spares } from './spares.ts'
import { Taps } from './taps.ts'

/** Where clients look for us, in the home. */
export const defaultSocket: string = queueSocketName

export interface ListenOptions {
  /** The socket's path, relative to the home. */
  readonly socket: string
  /** Gets a line end once clients can connect. */
  readonly readyFd: number | undefined
}

const expirySeconds = 60

/** Serve until TERM or INT. The working directory is the home, and becomes queue/. */
export async function listenForMessages(options: ListenOptions): Promise<void> {
  const term = new Promise<void>((resolve) => {
    process.once('SIGTERM', resolve).once('SIGINT', resolve)
  })
  process.on('SIGHUP', () => undefined)
  checkDirectories()
  const stopTime = new StopTime((line) => complain(`queue: ${line}`))
  const path = resolve(options.socket)
  const waiting = takeTurn(`${options.socket}.lock`)
  if (!(await Promise.race([waiting, term.then(() => false)]))) return process.exit(0) // a standby has nothing to finish
  const clients = new Set<Client>()
  const server = createServer({ pauseOnConnect: true })
  await bind(server, options.socket)
  becomeQueueAccount()
  process.chdir('queue')
  acceptClients(server, clients)
  const timer = setInterval(() => expire(clients), expirySeconds * 1000)
  announceReady(options.readyFd)
  await term
  clearInterval(timer)
  server.close()
  removeQuietly(path)
  await finish(clients, stopTime.seconds)
}

/** Wait for the lock: one listener a home, and the next stands by. The descriptor stays open as long as the process lives. */
async function takeTurn(path: string): Promise<boolean> {
  let fd: number
  try {
    fd = openSync(path, 'a', 0o600)
  } catch (cause) {
    throw new Trouble('4.3.0', `unable to open ${process.cwd()}/${path}: ${errorText(cause)}; run queue as the owner of this home`, {
      cause,
    })
  }
  if (tryLock(fd)) return true
  complain(`queue: another queue listens for ${process.cwd()}; waiting for it to end`)
  return lock(fd, Number.POSITIVE_INFINITY)
}

function bind(server: Server, path: string): Promise<void> {
  removeQuietly(path)
  return new Promise((resolve, reject) => {
    server.once('error', (cause) => {
      reject(new Trouble('4.3.0', `unable to listen on ${process.cwd()}/${path}: ${errorText(cause)}`, { cause }))
    })
    server.listen({ path }, () => {
      chmodSync(path, 0o666)
      resolve()
    })
  })
}

function acceptClients(server: Server, clients: Set<Client>): void {
  const home = dirname(process.cwd())
  const todo = new GroupCommit()
  const shared = {
    roles: rolesOf('..'),
    todo,
    spares: new Spares(todo),
    complaints: new Complaints(home, complain),
    taps: new Taps((problem) => complain(`queue: ${problem}`)),
  }
  const crowd = new Crowd((uid) => uid === 0 || Object.values(shared.roles).includes(uid))
  server.on('connection', (socket) => {
    const { uid } = peerOf(descriptorOf(socket))
    const fd = takeDescriptor(socket)
    socket.destroy()
    if (fd === undefined) return
    const client = new Client(fd, uid, shared, () => {
      clients.delete(client)
      crowd.leave(client)
    })
    const full = crowd.admit(client, uid)
    if (full === undefined) clients.add(client)
    else {
      shared.complaints.refused(full)
      client.leave('now')
    }
  })
}

/**
 * The connection without the server's socket, which would read every chunk into a new buffer: 60 MB of garbage before V8
 * sees to it, and three times the CPU.
 */
function takeDescriptor(socket: Socket): number | undefined {
  try {
    return copyDescriptor(descriptorOf(socket))
  } catch {
    return undefined // no descriptor left: the client will see that the connection is lost, and try again
  }
}

function expire(clients: Set<Client>): void {
  const now = performance.now()
  for (const client of clients) client.expire(now, deathSeconds)
}

/** Let messages that are on their way come in, for so long; those that are complete are always finished. */
async function finish(clients: Set<Client>, seconds: number): Promise<void> {
  for (const client of clients) client.leave('then')
  const timer = setTimeout(() => {
    for (const client of clients) client.leave('now')
  }, seconds * 1000)
  while (clients.size > 0) await new Promise((resolve) => setTimeout(resolve, 10))
  clearTimeout(timer)
}
