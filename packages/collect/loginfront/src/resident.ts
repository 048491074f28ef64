/**
 * Many connections in one event loop until they have logged in, on listening sockets of our own; then each is a
 * process.
 *
 * TERM    accept no more, drop who has not logged in, tell the sessions to end; a reply under way may end within
 *         control/stoptime. A session that ends without QUIT has changed nothing
 */
import type { Socket } from 'node:net'
import { announceReady, complain } from '@yabumi/commandline'
import { readNumber, StopTime, watchControls } from '@yabumi/control'
import { popConnections, popConnectionsPerClient, popSilenceSeconds } from '@yabumi/limits'
import { ClientRules, callerOf, type Door, doorText, type Ends, type Full, type Listener, listen, type Rule } from '@yabumi/listener'
import { type Answer, Client, ClientLog, type Credentials, type Terms, type TlsTerms, tlsBegins } from '@yabumi/loginclient'
import { DoorLog, Seldom } from '@yabumi/logline'
import { copyDescriptor } from '@yabumi/posix'
import { ServerTls } from '@yabumi/tlsfiles'
import { errorText } from '@yabumi/trouble'
import type { Behind, Knock, Visitor } from './behind.ts'
import { type Connection, inClear, underTls } from './connection.ts'

/** The protocol that is spoken before login. */
export interface Dialogue {
  /** What log lines begin with. */
  readonly program: string
  /** What somebody hears who has no place, without a line end. */
  refusal(full: Full): string
  /**
   * Talk to the client until it has been served, or has to go, or asks for TLS.
   *
   * @param isGreeted - it has heard its greeting in clear
   * @returns the last words to it, which are not said yet; empty if there are none
   */
  converse(client: Client, terms: Terms, isGreeted: boolean): Promise<string | typeof tlsBegins>
}

export interface ResidentOptions {
  readonly dialogue: Dialogue
  readonly endpoints: readonly Door[]
  readonly readyFd: number | undefined
  /** File of rules for clients. */
  readonly rulesFile: string | undefined
  readonly behind: Behind
  /** Gives up the rights that this process no longer needs: called when the sockets are bound, before a client is heard. */
  readonly settle: () => void
  readonly environment: ReadonlyMap<string, string>
}

/** Listen and serve until TERM. */
export async function serveNetwork(options: ResidentOptions): Promise<void> {
  const rules = options.rulesFile === undefined ? undefined : new ClientRules(options.rulesFile)
  const { dialogue } = options
  const say = (line: string): void => complain(`${dialogue.program}: ${line}`)
  const stopTime = new StopTime(say)
  const server = new Server(options.behind, rules, dialogue)
  const listener = await listen({
    endpoints: options.endpoints,
    connections: popConnections,
    connectionsPerClient: popConnectionsPerClient,
    giveWay: (socket) => server.giveWay(socket),
    halfOpen: true,
    refused: (ends, limit) => server.logOf(ends, undefined)?.denied(`refused, ${limit} are the limit`),
    unread: true,
    refusal: (full, { tlsAtOnce }) => (tlsAtOnce ? '' : `${dialogue.refusal(full)}\r\n`),
    settle: () => {
      options.settle()
      server.openTls(options.environment)
    },
    serve: (socket, ends, door) => server.serve(socket, ends, door),
  })
  const reread = (): void => server.tls?.reread()
  process.on('SIGHUP', reread)
  const unwatch = await watchControls(reread)
  const told = new Promise((resolve) => process.once('SIGTERM', resolve).once('SIGINT', resolve))
  try {
    for (const door of listener.endpoints) say(`listening on ${doorText(door)}`)
    announceReady(options.readyFd)
    await told
  } finally {
    await server.leave(listener, stopTime.seconds)
    await unwatch()
  }
}

class Server {
  readonly #behind: Behind
  readonly #rules: ClientRules | undefined
  readonly #dialogue: Dialogue
  /** Those that have not logged in. */
  readonly #clients = new Map<Socket, Client>()
  readonly #seldom: Seldom
  readonly #log: DoorLog | undefined
  /** Those whose handshake is under way. */
  readonly #greeting = new Set<Socket>()
  #isLeaving = false
  /** Once the sockets are bound. */
  tls: ServerTls | undefined

  constructor(behind: Behind, rules: ClientRules | undefined, dialogue: Dialogue) {
    this.#behind = behind
    this.#rules = rules
    this.#dialogue = dialogue
    this.#seldom = new Seldom((line) => complain(`${dialogue.program}: ${line}`))
    this.#log = readNumber('doorlog', 1) > 0 ? new DoorLog(dialogue.program, complain) : undefined
    process.once('exit', () => this.#log?.end())
  }

  /** A client's part of the log; undefined where control/doorlog turns it off. @param rule - of the client, if it is known */
  logOf({ remote }: Ends, rule: Rule | undefined): ClientLog | undefined {
    const mayRelay = rule?.variables.some(([name]) => name === 'RELAYCLIENT')
    return this.#log && new ClientLog(this.#log, callerOf(remote, mayRelay))
  }

  /** Certificates are read as whoever reads them later. */
  openTls(environment: ReadonlyMap<string, string>): void {
    this.tls = new ServerTls(environment, (line) => complain(`${this.#dialogue.program}: ${line}`))
    this.tls.watch()
  }

  async serve(socket: Socket, ends: Ends, { tlsAtOnce }: Door): Promise<void> {
    socket.on('error', () => socket.destroy())
    try {
      const rule = this.#rules?.ruleFor(ends.remote.address)
      const log = this.logOf(ends, rule)
      if (rule?.denies) {
        log?.denied('denied by a rule')
        socket.destroy()
        return
      }
      if (tlsAtOnce && !this.tls?.admits(ends.remote.address)) {
        log?.denied('refused, too many handshakes of its network')
        socket.destroy()
        return
      }
      const connection = tlsAtOnce ? await this.#secure(socket, log) : inClear(socket)
      if (connection === undefined) return
      const knock = await this.#behind.knock()
      if (this.#isLeaving || socket.destroyed) connection.hangUp('')
      else await this.#converse(socket, connection, tlsAtOnce, { ends, rule, log }, knock)
      knock.leave()
    } catch (error) {
      const why = errorText(error)
      this.#seldom.say(why, `${ends.remote.address}: ${why}`)
      socket.destroy()
    }
  }

  async #secure(socket: Socket, log: ClientLog | undefined): Promise<Connection | undefined> {
    if (this.tls === undefined) return undefined
    this.#greeting.add(socket)
    const begun = await underTls(socket, this.tls)
    this.#greeting.delete(socket)
    if (typeof begun === 'string') {
      log?.denied(`the TLS handshake failed: ${begun}`)
      return undefined
    }
    log?.secured(begun.facts)
    return begun.connection
  }

  /** End a dialogue that has not come to a login for long. @returns whether it was one */
  giveWay(socket: Socket): boolean {
    return this.#clients.get(socket)?.giveWay() ?? false
  }

  /** Drop everybody in good order. @returns when the last connection has ended; the process ends when the time is over */
  async leave(listener: Listener, seconds: number): Promise<void> {
    this.#isLeaving = true
    for (const client of this.#clients.values()) client.dismiss()
    for (const socket of this.#greeting) socket.destroy()
    this.#behind.endSessions()
    const impatience = setTimeout(() => process.exit(), 1000 * seconds)
    await listener.stop()
    clearTimeout(impatience)
  }

  /** Speak with a client to its end. @param socket - the connection itself, by which it counts */
  async #converse(
    socket: Socket,
    connection: Connection,
    isSecret: boolean,
    visitor: Omit<Visitor, 'fd' | 'letGo'>,
    knock: Knock,
    isGreeted = false,
  ): Promise<void> {
    const copy = copyDescriptor(connection.fd)
    const client = new Client(copy, copy, popSilenceSeconds)
    let isOurs = true
    const letGo = (): void => {
      isOurs = false
      this.#clients.delete(socket)
      client.release()
      connection.letGo()
    }
    const admit = async (credentials: Credentials, words?: readonly string[]): Promise<Answer> => {
      this.#clients.delete(socket)
      const answer = await knock.admit(credentials, { ...visitor, fd: connection.fd, letGo }, words)
      this.#clients.set(socket, client)
      if (this.#isLeaving) client.dismiss()
      return answer
    }
    this.#clients.set(socket, client)
    const { challenge, isExact } = knock
    const isPrivate = isSecret || isLoopback(visitor.ends.remote.address)
    const sasl = isPrivate ? knock.saslFor?.(() => ({ ...visitor, fd: connection.fd, letGo }), connection.binding) : undefined
    const terms = { challenge, isExact, tls: this.#termsOf(visitor.ends, isSecret), sasl, admit }
    const lastWord = await this.#dialogue.converse(client, terms, isGreeted).finally(() => {
      this.#clients.delete(socket)
      client.release()
    })
    if (lastWord === tlsBegins) {
      const secret = this.#isLeaving ? undefined : await this.#secure(socket, visitor.log)
      return secret && this.#converse(socket, secret, true, visitor, knock, true)
    }
    visitor.log?.ended(client.noLine)
    if (isOurs) connection.hangUp(lastWord === '' ? '' : `${lastWord}\r\n`)
  }

  #termsOf({ remote }: Ends, isSecret: boolean): TlsTerms {
    const { tls } = this
    if (isSecret) return 'on'
    return tls?.isAvailable ? { mayBegin: () => tls.admits(remote.address) } : 'none'
  }
}

function isLoopback(address: string): boolean {
  return /^(?:::ffff:)?127\.|^::1$/.test(address)
}
