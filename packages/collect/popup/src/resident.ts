/**
 * Many connections in one event loop until they have logged in, on listening sockets of our own; then each is a
 * process.
 *
 * TERM    accept no more, drop who has not logged in, tell the sessions to end; a reply under way may end within
 *         control/stoptime. A session that ends without QUIT has changed nothing
 */
import type { Socket } from 'node:net'
import { announceReady, complain } from '@yabumi/commandline'
import { readNumber, StopTime } from '@yabumi/control'
import { popConnections, popConnectionsPerClient, popSilenceSeconds } from '@yabumi/limits'
import { ClientRules, callerOf, type Endpoint, type Ends, endpointText, type Listener, listen, type Rule } from '@yabumi/listener'
import { DoorLog, Seldom } from '@yabumi/logline'
import { PopSwitch, refusal } from '@yabumi/pop3'
import { copyDescriptor, descriptorOf } from '@yabumi/posix'
import { errorText } from '@yabumi/trouble'
import type { Behind, Knock, Visitor } from './behind.ts'
import { Client } from './client.ts'
import { ClientLog } from './clientlog.ts'
import { type Answer, type Credentials, converse, crowded } from './login.ts'

export { parseEndpoint } from '@yabumi/listener'

export interface ResidentOptions {
  readonly endpoints: readonly Endpoint[]
  readonly readyFd: number | undefined
  /** File of rules for clients. */
  readonly rulesFile: string | undefined
  readonly behind: Behind
  /** Gives up the rights that this process no longer needs: called when the sockets are bound, before a client is heard. */
  readonly settle: () => void
}

/** Listen and serve until TERM. */
export async function serveNetwork(options: ResidentOptions): Promise<void> {
  const rules = options.rulesFile === undefined ? undefined : new ClientRules(options.rulesFile)
  const stopTime = new StopTime((line) => complain(`popup: ${line}`))
  const seldom = new Seldom((line) => complain(`popup: ${line}`))
  const extensions = new PopSwitch('popextensions', (line) => seldom.say('extensions', line))
  const server = new Server(options.behind, rules, extensions, seldom)
  const listener = await listen({
    endpoints: options.endpoints,
    connections: popConnections,
    connectionsPerClient: popConnectionsPerClient,
    giveWay: (socket) => server.giveWay(socket),
    halfOpen: true,
    refused: (ends, limit) => server.logOf(ends, undefined)?.denied(`refused, ${limit} are the limit`),
    unread: true,
    refusal: (full) => `${refusal(full === 'all' ? crowded : 'too many connections from your address', 'SYS/TEMP', extensions.isOn)}\r\n`,
    settle: options.settle,
    serve: (socket, ends) => server.serve(socket, ends),
  })
  const told = new Promise((resolve) => process.once('SIGTERM', resolve).once('SIGINT', resolve))
  try {
    for (const endpoint of listener.endpoints) complain(`popup: listening on ${endpointText(endpoint)}`)
    announceReady(options.readyFd)
    await told
  } finally {
    await server.leave(listener, stopTime.seconds)
  }
}

class Server {
  readonly #behind: Behind
  readonly #rules: ClientRules | undefined
  readonly #extensions: PopSwitch
  /** Those that have not logged in. */
  readonly #clients = new Map<Socket, Client>()
  readonly #seldom: Seldom
  readonly #log = readNumber('doorlog', 1) > 0 ? new DoorLog('popup', complain) : undefined
  #isLeaving = false

  constructor(behind: Behind, rules: ClientRules | undefined, extensions: PopSwitch, seldom: Seldom) {
    this.#behind = behind
    this.#rules = rules
    this.#extensions = extensions
    this.#seldom = seldom
    process.once('exit', () => this.#log?.end())
  }

  /** A client's part of the log; undefined where control/doorlog turns it off. @param rule - of the client, if it is known */
  logOf({ remote }: Ends, rule: Rule | undefined): ClientLog | undefined {
    const mayRelay = rule?.variables.some(([name]) => name === 'RELAYCLIENT')
    return this.#log && new ClientLog(this.#log, callerOf(remote, mayRelay))
  }

  async serve(socket: Socket, ends: Ends): Promise<void> {
    socket.on('error', () => socket.destroy())
    try {
      const rule = this.#rules?.ruleFor(ends.remote.address)
      const log = this.logOf(ends, rule)
      if (rule?.denies) {
        log?.denied('denied by a rule')
        socket.destroy()
        return
      }
      const knock = await this.#behind.knock()
      const lastWord = this.#isLeaving || socket.destroyed ? '' : await this.#converse({ socket, ends, rule, log }, knock)
      knock.leave()
      hangUp(socket, lastWord === '' ? '' : `${lastWord}\r\n`)
    } catch (error) {
      const why = errorText(error)
      this.#seldom.say(why, `${ends.remote.address}: ${why}`)
      socket.destroy()
    }
  }

  /** End a dialogue that has not come to a login for long. @returns whether it was one */
  giveWay(socket: Socket): boolean {
    return this.#clients.get(socket)?.giveWay() ?? false
  }

  /** Drop everybody in good order. @returns when the last connection has ended; the process ends when the time is over */
  async leave(listener: Listener, seconds: number): Promise<void> {
    this.#isLeaving = true
    for (const client of this.#clients.values()) client.dismiss()
    this.#behind.endSessions()
    const impatience = setTimeout(() => process.exit(), 1000 * seconds)
    await listener.stop()
    clearTimeout(impatience)
  }

  async #converse({ socket, ends, rule, log }: Omit<Visitor, 'letGo'>, knock: Knock): Promise<string> {
    const copy = copyDescriptor(descriptorOf(socket))
    const client = new Client(copy, copy, popSilenceSeconds)
    const letGo = (): void => {
      client.release()
      socket.destroy()
    }
    const admit = async (credentials: Credentials): Promise<Answer> => {
      this.#clients.delete(socket)
      const answer = await knock.admit(credentials, { socket, ends, rule, log, letGo })
      this.#clients.set(socket, client)
      if (this.#isLeaving) client.dismiss()
      return answer
    }
    this.#clients.set(socket, client)
    try {
      const { challenge, isExact } = knock
      return await converse(client, { challenge, isExact, isExtended: this.#extensions.isOn, admit })
    } finally {
      this.#clients.delete(socket)
      client.release()
      log?.ended(client.noLine)
    }
  }
}

const lingerMilliseconds = 2_000

/** Say a last word and close; what the client still sends is read, or the close would take the word back (RFC 1122 §4.2.2.13). */
function hangUp(socket: Socket, lastWord: string): void {
  if (socket.destroyed || socket.writableEnded) return
  const impatience = setTimeout(() => socket.destroy(), lingerMilliseconds)
  socket.on('close', () => clearTimeout(impatience)).on('end', () => socket.destroy())
  socket.end(lastWord, 'latin1')
  socket.resume()
}
