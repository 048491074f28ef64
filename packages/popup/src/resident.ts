/**
 * Many connections in one event loop until they have logged in, on listening sockets of our own; then each is a process.
 *
 * TERM: accept no more, drop who has not logged in, give the others popLeaveSeconds, then end their processes, too: a
 * session that ends without QUIT has changed nothing.
 */
import type { ChildProcess } from 'node:child_process'
import type { Socket } from 'node:net'
import { complain } from '@yabumi/commandline'
import { nowSeconds } from '@yabumi/dates'
import { popChecks, popConnections, popConnectionsPerClient, popLeaveSeconds, popSilenceSeconds } from '@yabumi/limits'
import {
  announceReady,
  ClientRules,
  connectionVariables,
  type Endpoint,
  type Ends,
  endpointText,
  type Listener,
  listen,
  type Rule,
} from '@yabumi/listener'
import { copyDescriptor, descriptorOf, setNonBlocking } from '@yabumi/posix'
import { errorText } from '@yabumi/trouble'
import { Checks } from './checks.ts'
import { Client } from './client.ts'
import { type Credentials, logIn } from './login.ts'
import { runSubprogram, type Subprogram } from './subprogram.ts'

export { parseEndpoint } from '@yabumi/listener'

export interface ResidentOptions {
  readonly endpoints: readonly Endpoint[]
  readonly readyFd: number | undefined
  /** File of rules for clients. */
  readonly rulesFile: string | undefined
  readonly hostName: string
  readonly program: Subprogram
}

/** Listen and serve until TERM. */
export async function serveNetwork(options: ResidentOptions): Promise<void> {
  const rules = options.rulesFile === undefined ? undefined : new ClientRules(options.rulesFile)
  const server = new Server(options.hostName, options.program, rules)
  const listener = await listen({
    endpoints: options.endpoints,
    connections: popConnections,
    connectionsPerClient: popConnectionsPerClient,
    halfOpen: true,
    log: (line) => complain(`popup: ${line}`),
    unread: true,
    refusal: (full) =>
      full === 'all' ? '-ERR too many connections, try again later\r\n' : '-ERR too many connections from your address\r\n',
    serve: (socket, ends) => void server.serve(socket, ends),
  })
  const told = new Promise((resolve) => process.once('SIGTERM', resolve).once('SIGINT', resolve))
  try {
    for (const endpoint of listener.endpoints) complain(`popup: listening on ${endpointText(endpoint)}`)
    if (options.readyFd !== undefined) announceReady(options.readyFd)
    await told
  } finally {
    await server.leave(listener)
  }
}

class Server {
  readonly #hostName: string
  readonly #program: Subprogram
  readonly #rules: ClientRules | undefined
  readonly #clients = new Set<Client>()
  readonly #children = new Set<ChildProcess>()
  readonly #checks = new Checks(() => complain(`popup: ${popChecks} logins are being checked; others wait for their turn`))
  #count = 0

  constructor(hostName: string, program: Subprogram, rules: ClientRules | undefined) {
    this.#hostName = hostName
    this.#program = program
    this.#rules = rules
  }

  async serve(socket: Socket, ends: Ends): Promise<void> {
    socket.on('error', () => socket.destroy())
    this.#count += 1
    const challenge = `<${process.pid}.${this.#count}.${nowSeconds()}@${this.#hostName}>`
    try {
      const rule = this.#rules?.ruleFor(ends.remote.address)
      if (rule?.denies) {
        complain(`popup: deny ${ends.remote.address}`)
        socket.destroy()
        return
      }
      const credentials = await this.#logIn(socket, challenge)
      if (credentials === undefined) hangUp(socket, '')
      else await this.#run(socket, ends, rule, credentials, challenge)
    } catch (error) {
      complain(`popup: ${ends.remote.address}: ${errorText(error)}`)
      socket.destroy()
    }
  }

  /** Drop everybody in good order. @returns when the last connection has ended */
  async leave(listener: Listener): Promise<void> {
    for (const client of this.#clients) client.dismiss()
    const impatience = setTimeout(() => {
      for (const child of this.#children) child.kill('SIGTERM')
    }, 1000 * popLeaveSeconds)
    await listener.stop()
    clearTimeout(impatience)
  }

  async #logIn(socket: Socket, challenge: string): Promise<Credentials | undefined> {
    const copy = copyDescriptor(descriptorOf(socket))
    const client = new Client(copy, copy, popSilenceSeconds)
    this.#clients.add(client)
    try {
      return await logIn(client, challenge)
    } finally {
      this.#clients.delete(client)
      client.release()
    }
  }

  async #run(socket: Socket, ends: Ends, rule: Rule | undefined, credentials: Credentials, challenge: string): Promise<void> {
    const program = { ...this.#program, env: [...this.#program.env, ...connectionVariables(ends), ...(rule?.variables ?? [])] }
    const who = `${printable(credentials.login)} from ${ends.remote.address}`
    const judged = await this.#checks.turn()
    let process: ChildProcess | undefined
    const started = (child: ChildProcess): void => {
      process = child
      this.#children.add(child)
      complain(`popup: pid ${child.pid} for ${who}`)
    }
    const ended = await runSubprogram(program, [socket, socket], credentials, challenge, started, judged)
    judged()
    if (process !== undefined) this.#children.delete(process)
    if (ended.error === undefined) complain(`popup: end ${process?.pid} status ${ended.status}`)
    else complain(`popup: unable to run ${program.file} for ${who}: ${errorText(ended.error)}`)
    setNonBlocking(descriptorOf(socket)) // the program had it otherwise
    hangUp(socket, ended.trouble === undefined ? '' : `${ended.trouble}\r\n`)
  }
}

const lingerMilliseconds = 2_000

/** Say a last word and close; what the client still sends is read, or the close would take the word back (RFC 1122 §4.2.2.13). */
function hangUp(socket: Socket, lastWord: string): void {
  if (socket.destroyed) return
  const impatience = setTimeout(() => socket.destroy(), lingerMilliseconds)
  socket.on('close', () => clearTimeout(impatience)).on('end', () => socket.destroy())
  socket.end(lastWord, 'latin1')
  socket.resume()
}

/** A login as it stands in the log: it comes from strangers. */
function printable(login: string): string {
  return login.slice(0, 64).replace(/[^!-~]/g, '?')
}
