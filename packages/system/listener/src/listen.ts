/**
 * Accept TCP connections on several addresses, not more than the limits allow.
 *
 * A client beyond a limit hears why, at once, and costs nothing more. When all places are taken, a connection that
 * rests gives way, one of the client that has most. Loopback clients are not limited by address, they are the host's
 * own programs; a tenth of the places is not for them. Trouble with one connection never reaches another or the
 * listener.
 *
 * The addresses are bound first, as root where they need it; the kernel takes no client before settle() has given the
 * rights up.
 */
import { closeSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import { loopbackShare } from '@yabumi/limits'
import { type Bound, Places } from '@yabumi/places'
import { boundSocket } from '@yabumi/posix'
import { errnoOf, errorText, Trouble } from '@yabumi/trouble'
import { affordableConnections } from './affordable.ts'
import { clientOf, type Endpoint, endpointText, isLoopback, networksOf, plainAddress } from './endpoint.ts'

/** The two ends of a connection; IPv4 addresses always in their dotted form. */
export interface Ends {
  readonly local: Endpoint
  readonly remote: Endpoint
}

/** Which limit is reached: `all` connections together, or those of one `client`. */
export type Full = 'all' | 'client'

/** `E` may hold more than where to listen: serve() and refusal() are given what a client has come by. */
export interface ListenOptions<E extends Endpoint = Endpoint> {
  readonly endpoints: readonly E[]
  /** Connections open at once, all together. Both limits are asked for at each connection, so they may be getters. */
  readonly connections: number
  /** Connections open at once from one address (IPv6: from one /64 network, and twice as many from one /56). */
  readonly connectionsPerClient: number
  /** End this connection if nothing is under way in it, with a word to the client. @returns whether it has; without, none gives way */
  giveWay?(socket: Socket): boolean
  /** Keep our side open when the client has closed its own: serve() must then end every socket itself. */
  readonly halfOpen?: boolean
  /** Do not read from accepted sockets: serve() hands them to another program, which must find every byte. */
  readonly unread?: boolean
  /** What a client beyond a limit is told before the connection is closed; a byte string, which may be empty. */
  refusal(full: Full, endpoint: E): string
  /** Whether connections from an address are others': they count for whom serve() says. */
  isProxy?(address: string): boolean
  /** Told who was refused. @param limit - `100 connections from its network` */
  refused?(ends: Ends, limit: string): void
  /** Called once every endpoint is bound, and before the kernel takes the first client: the moment to give up the rights that it took. */
  settle?(): void
  /**
   * Takes over the socket, its errors and its end. Called in the turn of the event loop that accepted it.
   *
   * @returns if anything, when the client is no longer there: it counts until then, also where another program has taken over its socket
   */
  serve(socket: Socket, ends: Ends, endpoint: E, recount: Recount): Promise<void> | void
}

/** The connection counts for another address from now on. @returns the limit that is reached, in words; undefined if it has a place */
export type Recount = (address: string) => { readonly full: Full; readonly limit: string } | undefined

/**
 * Listen on every endpoint.
 *
 * @returns the listener once every endpoint accepts connections
 * @throws Trouble 4.3.0 if one of them cannot be had; none is kept then
 */
export async function listen<E extends Endpoint>(options: ListenOptions<E>): Promise<Listener<E>> {
  const listener = new Listener(options)
  try {
    await listener.open()
  } catch (error) {
    await listener.stop()
    throw error
  }
  return listener
}

export class Listener<E extends Endpoint = Endpoint> {
  readonly #options: ListenOptions<E>
  readonly #servers: (readonly [Server, E])[] = []
  readonly #affordable = affordableConnections()
  readonly #places: Places<Socket>
  #emptied: (() => void) | undefined

  constructor(options: ListenOptions<E>) {
    this.#options = options
    this.#places = new Places((socket) => options.giveWay?.(socket) ?? false)
  }

  /** Connections open now. */
  get connections(): number {
    return this.#places.size
  }

  /** Where it listens, with the ports that the system chose. */
  get endpoints(): E[] {
    return this.#servers.map(([server, endpoint]) => {
      const bound = server.address() as { address: string; port: number }
      return { ...endpoint, address: bound.address, port: bound.port }
    })
  }

  /** Bind every address, settle, and listen. */
  async open(): Promise<void> {
    const { endpoints, settle } = this.#options
    const bound: [E, number][] = []
    try {
      for (const endpoint of endpoints) bound.push([endpoint, this.#bind(endpoint)])
      settle?.()
    } catch (error) {
      for (const [, fd] of bound) closeSync(fd)
      throw error
    }
    for (const [endpoint, fd] of bound) await this.#listen(endpoint, fd)
  }

  #bind(endpoint: Endpoint): number {
    // [::] takes IPv4 as well, unless the same port is asked for on IPv4 separately
    const ipv6Only = this.#options.endpoints.some(({ address, port }) => address === '0.0.0.0' && port === endpoint.port)
    try {
      return boundSocket(endpoint, ipv6Only)
    } catch (cause) {
      throw troubleOf(endpoint, cause)
    }
  }

  /** @param fd - bound to the endpoint; the server's from now on */
  async #listen(endpoint: E, fd: number): Promise<void> {
    const { halfOpen: allowHalfOpen = false, unread: pauseOnConnect = false } = this.#options
    const server = createServer({ noDelay: true, allowHalfOpen, pauseOnConnect }, (socket) => this.#accept(socket, endpoint))
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen({ fd }, resolve)
    }).catch((cause: unknown) => {
      throw troubleOf(endpoint, cause)
    })
    server.removeAllListeners('error')
    server.on('error', () => {}) // a failed accept concerns that connection only; libuv goes on accepting
    this.#servers.push([server, endpoint])
  }

  /** Accept no more. @returns when the last connection has ended */
  async stop(): Promise<void> {
    for (const [server] of this.#servers) server.close()
    await new Promise<void>((resolve) => {
      this.#emptied = resolve
      this.#tellIfEmpty()
    })
  }

  #accept(socket: Socket, endpoint: E): void {
    const { remoteAddress, remotePort, localAddress, localPort } = socket
    if (remoteAddress === undefined || localAddress === undefined) {
      socket.destroy() // gone before we looked
      return
    }
    const remote = { address: plainAddress(remoteAddress), port: remotePort ?? 0 }
    const local = { address: plainAddress(localAddress), port: localPort ?? 0 }
    const isProxy = this.#options.isProxy?.(remote.address) ?? false
    const full = this.#admit(socket, remote.address, isProxy ? this.#boundsOf('').slice(-1) : this.#boundsOf(remote.address))
    if (full !== undefined) {
      socket.on('error', () => {})
      socket.write(this.#options.refusal(full, endpoint), 'latin1')
      socket.destroySoon()
      this.#options.refused?.({ local, remote }, this.#limitOf(full))
      return
    }
    const closed = new Promise((resolve) => socket.once('close', resolve))
    const served = this.#options.serve(socket, { local, remote }, endpoint, (address) => this.#recount(socket, address))
    void Promise.all([closed, served]).then(() => {
      this.#places.leave(socket)
      this.#tellIfEmpty()
    })
  }

  #admit(socket: Socket, address: string, bounds: readonly Bound[]): Full | undefined {
    const bound = this.#places.admit(socket, clientOf(address), bounds)
    return bound && (bound.yields ? 'all' : 'client')
  }

  #recount(socket: Socket, address: string): ReturnType<Recount> {
    this.#places.leave(socket)
    const full = this.#admit(socket, address, this.#boundsOf(address))
    return full && { full, limit: this.#limitOf(full) }
  }

  #boundsOf(address: string): readonly Bound[] {
    const { connections, connectionsPerClient } = this.#options
    const all = { key: 'all', most: Math.min(connections, this.#affordable), yields: true }
    if (isLoopback(address)) return [{ key: clientOf(address), most: Math.ceil(all.most * loopbackShare), yields: true }, all]
    const ofClient = networksOf(address).map((key, index) => ({ key, most: connectionsPerClient * (index + 1), yields: false }))
    return [...ofClient, all]
  }

  #limitOf(full: Full): string {
    const { connections, connectionsPerClient } = this.#options
    return full === 'all'
      ? `${Math.min(connections, this.#affordable)} connections`
      : `${connectionsPerClient} connections from its network`
  }

  #tellIfEmpty(): void {
    if (this.#places.size === 0) this.#emptied?.()
  }
}

function troubleOf(endpoint: Endpoint, cause: unknown): Trouble {
  return new Trouble('4.3.0', `unable to listen on ${endpointText(endpoint)}: ${errorText(cause)}${remedy(cause)}`, { cause })
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
