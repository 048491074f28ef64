/**
 * Accept TCP connections on several addresses, not more than the limits allow.
 *
 * A client beyond a limit hears why, at once, and costs nothing more. Loopback clients are not limited by address:
 * they are the host's own programs. Trouble with one connection never reaches another or the listener.
 */
import { createServer, type Server, type Socket } from 'node:net'
import { errnoOf, errorText, Trouble } from '@yabumi/trouble'
import { affordableConnections } from './affordable.ts'
import { clientOf, type Endpoint, endpointText, isLoopback, plainAddress } from './endpoint.ts'

/** The two ends of a connection; IPv4 addresses always in their dotted form. */
export interface Ends {
  readonly local: Endpoint
  readonly remote: Endpoint
}

const saidMilliseconds = 60_000

/** Which limit is reached: `all` connections together, or those of one `client`. */
export type Full = 'all' | 'client'

export interface ListenOptions {
  readonly endpoints: readonly Endpoint[]
  /** Connections open at once, all together. Both limits are asked for at each connection, so they may be getters. */
  readonly connections: number
  /** Connections open at once from one address (IPv6: from one /64 network). */
  readonly connectionsPerClient: number
  /** Keep our side open when the client has closed its own: serve() must then end every socket itself. */
  readonly halfOpen?: boolean
  /** Do not read from accepted sockets: serve() hands them to another program, which must find every byte. */
  readonly unread?: boolean
  /** What a client beyond a limit is told before the connection is closed; a byte string. */
  refusal(full: Full): string
  /** Told at times who was refused for which limit. */
  log?(line: string): void
  /** Called once every endpoint is bound, and before anybody is served: the moment to give up the rights that it took. */
  settle?(): void
  /**
   * Takes over the socket, its errors and its end. Called in the turn of the event loop that accepted it.
   *
   * @returns if anything, when the client is no longer there: it counts until then, also where another program has taken over its socket
   */
  serve(socket: Socket, ends: Ends): Promise<void> | void
}

/**
 * Listen on every endpoint.
 *
 * @returns the listener once every endpoint accepts connections
 * @throws Trouble 4.3.0 if one of them cannot be had; none is kept then
 */
export async function listen(options: ListenOptions): Promise<Listener> {
  const listener = new Listener(options)
  try {
    for (const endpoint of options.endpoints) await listener.open(endpoint)
    options.settle?.()
    listener.begin()
  } catch (error) {
    await listener.stop()
    throw error
  }
  return listener
}

export class Listener {
  readonly #options: ListenOptions
  readonly #servers: Server[] = []
  readonly #affordable = affordableConnections()
  readonly #perClient = new Map<string, number>()
  readonly #saidAt = new Map<Full, number>()
  /** Who has come before we begin. */
  #early: Socket[] | undefined = []
  #connections = 0
  #emptied: (() => void) | undefined

  constructor(options: ListenOptions) {
    this.#options = options
  }

  /** Connections open now. */
  get connections(): number {
    return this.#connections
  }

  /** Where it listens, with the ports that the system chose. */
  get endpoints(): Endpoint[] {
    return this.#servers.map((server) => {
      const bound = server.address() as { address: string; port: number }
      return { address: bound.address, port: bound.port }
    })
  }

  /** Listen on one more endpoint. */
  async open(endpoint: Endpoint): Promise<void> {
    const { halfOpen: allowHalfOpen = false, unread: pauseOnConnect = false } = this.#options
    const server = createServer({ noDelay: true, allowHalfOpen, pauseOnConnect }, (socket) => {
      if (this.#early === undefined) this.#accept(socket)
      else this.#early.push(socket.on('error', () => {}))
    })
    const { address, port } = endpoint
    // [::] takes IPv4 as well, unless the same port is asked for on IPv4 separately
    const ipv6Only = this.#options.endpoints.some((other) => other.address === '0.0.0.0' && other.port === port)
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen({ host: address, port, ipv6Only }, resolve)
    }).catch((cause: unknown) => {
      throw new Trouble('4.3.0', `unable to listen on ${endpointText(endpoint)}: ${errorText(cause)}${remedy(cause)}`, { cause })
    })
    server.removeAllListeners('error')
    server.on('error', () => {}) // a failed accept concerns that connection only; libuv goes on accepting
    this.#servers.push(server)
  }

  /** Serve who has come, and who comes from now on. */
  begin(): void {
    const early = this.#early ?? []
    this.#early = undefined
    for (const socket of early) this.#accept(socket)
  }

  /** Accept no more. @returns when the last connection has ended */
  async stop(): Promise<void> {
    for (const server of this.#servers) server.close()
    for (const socket of this.#early ?? []) socket.destroy()
    await new Promise<void>((resolve) => {
      this.#emptied = resolve
      this.#count(undefined, 0)
    })
  }

  #accept(socket: Socket): void {
    const { remoteAddress, remotePort, localAddress, localPort } = socket
    if (remoteAddress === undefined || localAddress === undefined) {
      socket.destroy() // gone before we looked
      return
    }
    const remote = { address: plainAddress(remoteAddress), port: remotePort ?? 0 }
    const local = { address: plainAddress(localAddress), port: localPort ?? 0 }
    const client = isLoopback(remote.address) ? undefined : clientOf(remote.address)
    const full = this.#full(client)
    if (full !== undefined) {
      socket.on('error', () => {})
      socket.write(this.#options.refusal(full), 'latin1')
      socket.destroySoon()
      this.#refused(full, remote)
      return
    }
    this.#count(client, 1)
    const closed = new Promise((resolve) => socket.once('close', resolve))
    const served = this.#options.serve(socket, { local, remote })
    void Promise.all([closed, served]).then(() => this.#count(client, -1))
  }

  /** Said once a minute and kind: who floods us shall not flood the log. */
  #refused(full: Full, remote: Endpoint): void {
    const now = performance.now()
    if (now - (this.#saidAt.get(full) ?? -saidMilliseconds) < saidMilliseconds) return
    this.#saidAt.set(full, now)
    const { connections, connectionsPerClient } = this.#options
    const limit =
      full === 'all' ? `${Math.min(connections, this.#affordable)} connections` : `${connectionsPerClient} connections from its network`
    this.#options.log?.(`${remote.address}: refused, ${limit} are the limit`)
  }

  #full(client: string | undefined): Full | undefined {
    if (this.#connections >= Math.min(this.#options.connections, this.#affordable)) return 'all'
    if (client !== undefined && (this.#perClient.get(client) ?? 0) >= this.#options.connectionsPerClient) return 'client'
    return undefined
  }

  #count(client: string | undefined, change: 1 | 0 | -1): void {
    this.#connections += change
    if (this.#connections === 0) this.#emptied?.()
    if (client === undefined) return
    const count = (this.#perClient.get(client) ?? 0) + change
    if (count === 0) this.#perClient.delete(client)
    else this.#perClient.set(client, count)
  }
}

function remedy(cause: unknown): string {
  switch (errnoOf(cause)) {
    case 'EADDRINUSE':
      return '; stop the server that has it, or choose another port'
    case 'EACCES':
      return '; ports below 1024 are for root, choose another port or start as root'
    case 'EADDRNOTAVAIL':
      return '; it is not an address of this host'
    default:
      return ''
  }
}
