/**
 * One request a connection, and one answer, on listening sockets of our own.
 *
 * Bound   a connection lasts webConnectionSeconds, whatever comes in it; header and body have their most bytes
 * Trust   the account `web`, from the moment that the addresses are bound
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { Announced } from '@yabumi/announced'
import { announceReady, complain } from '@yabumi/commandline'
import { readNumber } from '@yabumi/control'
import { become } from '@yabumi/home'
import { webBodyBytes, webConnectionSeconds, webConnections, webConnectionsPerClient, webHeaderBytes } from '@yabumi/limits'
import { callerOf, type Door, doorText, type Ends, listen } from '@yabumi/listener'
import { DoorLog, Seldom } from '@yabumi/logline'
import { ServerTls } from '@yabumi/tlsfiles'
import { errorText } from '@yabumi/trouble'
import { type Answer, answerTo, type Request } from './answers.ts'

/** Listen and serve until TERM. The working directory is the home. @param environment - TLSCIPHERS counts */
export async function serveFiles(
  doors: readonly Door[],
  readyFd: number | undefined,
  environment: ReadonlyMap<string, string>,
): Promise<void> {
  const files = new Files()
  const listener = await listen({
    endpoints: doors,
    connections: webConnections,
    connectionsPerClient: webConnectionsPerClient,
    refusal: () => '',
    settle: () => {
      become('web')
      files.openTls(environment)
    },
    serve: (socket, ends, door) => files.serve(socket, ends, door),
  })
  process.on('SIGHUP', () => files.reread())
  const told = new Promise((resolve) => process.once('SIGTERM', resolve).once('SIGINT', resolve))
  for (const door of listener.endpoints) complain(`webfiles: listening on ${doorText(door)}`)
  announceReady(readyFd)
  await told
  files.leave()
  await listener.stop()
}

class Files {
  readonly #seldom = new Seldom((line) => complain(`webfiles: ${line}`))
  readonly #announced = new Announced((line) => this.#seldom.say(line, line))
  readonly #log = readNumber('doorlog', 1) > 0 ? new DoorLog('webfiles', complain) : undefined
  readonly #http: Server
  readonly #ends = new WeakMap<Socket, Ends>()
  readonly #open = new Set<Socket>()
  #tls: ServerTls | undefined

  constructor() {
    this.#http = createServer({ maxHeaderSize: webHeaderBytes, keepAlive: false }, (asked, response) => void this.#hear(asked, response))
    this.#http.on('clientError', (_error, socket) => socket.destroy())
    process.once('exit', () => this.#log?.end())
  }

  /** Certificates are read as whoever reads them later. */
  openTls(environment: ReadonlyMap<string, string>): void {
    this.#tls = new ServerTls(environment, (line) => complain(`webfiles: ${line}`))
    this.#tls.watch()
  }

  reread(): void {
    this.#tls?.reread()
  }

  async serve(socket: Socket, ends: Ends, { tlsAtOnce }: Door): Promise<void> {
    const patience = setTimeout(() => socket.destroy(), webConnectionSeconds * 1_000)
    this.#open.add(socket)
    socket.on('error', () => socket.destroy())
    socket.once('close', () => {
      clearTimeout(patience)
      this.#open.delete(socket)
    })
    const plain = tlsAtOnce ? await this.#secure(socket, ends) : socket
    if (plain === undefined) return
    this.#ends.set(plain, ends)
    this.#http.emit('connection', plain)
  }

  /** Let go of everybody; an answer that is on its way arrives. */
  leave(): void {
    for (const socket of this.#open) socket.destroySoon()
  }

  async #secure(socket: Socket, { remote }: Ends): Promise<Socket | undefined> {
    if (this.#tls?.admits(remote.address) !== true) {
      socket.destroy()
      return undefined
    }
    const { socket: secret, outcome } = this.#tls.begin(socket)
    const facts = await outcome
    if (typeof facts === 'string') return undefined
    secret.on('error', () => socket.destroy())
    return secret
  }

  async #hear(asked: IncomingMessage, response: ServerResponse): Promise<void> {
    const ends = this.#ends.get(asked.socket)
    asked.on('error', () => asked.socket.destroy())
    const { method = '', url = '', headers } = asked
    const body = await bodyOf(asked)
    const answer = body === undefined ? undefined : this.#answerTo({ method, url, host: headers.host ?? '', body })
    if (ends !== undefined) this.#log?.note(callerOf(ends.remote), answer === undefined ? '404' : '200', `${method} ${headers.host} ${url}`)
    response.writeHead(answer === undefined ? 404 : 200, {
      'Content-Type': answer?.type ?? 'text/plain',
      Connection: 'close',
      'X-Content-Type-Options': 'nosniff',
    })
    response.end(answer?.body ?? 'There is nothing here.\n')
  }

  #answerTo(request: Request): Answer | undefined {
    try {
      return answerTo(request, this.#announced)
    } catch (error) {
      this.#seldom.say('trouble', errorText(error))
      return undefined
    }
  }
}

/** @returns the bytes as characters; undefined if they are too many, or did not come whole */
async function bodyOf(asked: IncomingMessage): Promise<string | undefined> {
  const pieces: Buffer[] = []
  let bytes = 0
  try {
    for await (const piece of asked) {
      bytes += (piece as Buffer).length
      if (bytes > webBodyBytes) return undefined
      pieces.push(piece as Buffer)
    }
  } catch {
    return undefined
  }
  return Buffer.concat(pieces).toString('latin1')
}
