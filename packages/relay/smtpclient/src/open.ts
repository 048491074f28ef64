/** A connection to the first address that can be had (spec §2.8.3, §2.4.6). */
import { nowSeconds } from '@yabumi/dates'
import { clearTimeouts, recordTimeout, standingOf } from '@yabumi/tcptable'
import { type Binding, localAddressFor } from './binding.ts'
import { Connection } from './connection.ts'
import type { Ending } from './conversation.ts'
import { dial } from './dial.ts'
import type { HostSocket } from './hostsocket.ts'
import type { Settings } from './settings.ts'
import { noConnection, noLocalAddress, systemTrouble } from './texts.ts'

/** One address of a host, and its connections. */
export interface Peer {
  /** It did not want to talk lately. */
  readonly reluctant: boolean
  /** Wait for a turn. @returns an open connection to go on with, or undefined: a new one is to be made */
  claim(): Promise<Connection | undefined> | Connection | undefined
  /** Give the turn back: no connection could be made. */
  yield(): void
  /** Take a connection back after a message for so many recipients. */
  release(connection: Connection, ending: Ending, recipients: number): void
  /** The host was done with a connection that it had carried messages over. */
  abandon(connection: Connection): void
}

/** Where a message is to go. */
export interface Way {
  readonly addresses: readonly string[]
  readonly port: number
  readonly binding: Binding
}

/** Who keeps the connections to an address. @param from - our own address, or empty */
export type PeerAt = (address: string, port: number, from: string) => Peer

/** A connection, and who it belongs to. */
export interface Opened {
  readonly connection: Connection
  readonly peer: Peer
}

/**
 * Try the addresses in turn.
 *
 * @param deadline - on the clock of performance.now()
 * @returns the connection, or the report that ends the delivery
 */
export async function openConnection(
  { addresses, port, binding }: Way,
  settings: Settings,
  deadline: number,
  peerAt: PeerAt,
): Promise<Opened | string> {
  let failure: Failure
  for (const address of addresses) {
    const from = localAddressFor(address, binding)
    const peer = peerAt(address, port, from)
    const kept = await peer.claim()
    if (kept !== undefined) return { connection: kept, peer }
    // the connection is made before waiting again: the host may speak already
    const made = await tryAddress(
      { address, port, from },
      settings,
      deadline,
      (socket) => new Connection(socket, address, settings.silenceSeconds),
    )
    if (made instanceof Connection) return { connection: made, peer }
    peer.yield()
    failure = made ?? failure
  }
  return reportOf(failure)
}

/** The same for a host that does not speak first. @returns the socket and the address, or the report */
export async function openSocket(
  { addresses, port, binding }: Way,
  settings: Settings,
  deadline: number,
): Promise<{ readonly socket: HostSocket; readonly address: string } | string> {
  let failure: Failure
  for (const address of addresses) {
    const made = await tryAddress({ address, port, from: localAddressFor(address, binding) }, settings, deadline, (socket) => ({ socket }))
    if (typeof made === 'object') return { ...made, address }
    failure = made ?? failure
  }
  return reportOf(failure)
}

interface Ends {
  readonly address: string
  readonly port: number
  readonly from: string
}

/** Why there is no connection, where that is not the other host's doing. */
type Failure = 'resources' | 'bind' | undefined

function reportOf(failure: Failure): string {
  if (failure === undefined) return noConnection
  return failure === 'resources' ? systemTrouble : noLocalAddress
}

async function tryAddress<T extends object>(
  { address, port, from }: Ends,
  settings: Settings,
  deadline: number,
  wrap: (socket: HostSocket) => T,
): Promise<T | Failure> {
  const leftSeconds = (deadline - performance.now()) / 1000
  if (leftSeconds <= 0) return undefined
  const { inTrouble, recorded } = await standingOf(address, nowSeconds())
  if (inTrouble) return undefined
  const socket = await dial(address, port, Math.min(settings.connectSeconds, leftSeconds), from)
  if (socket === 'timeout' && settings.connectSeconds <= leftSeconds) await recordTimeout(address, nowSeconds())
  if (typeof socket === 'string') return socket === 'resources' || socket === 'bind' ? socket : undefined
  const connection = wrap(socket)
  if (recorded) await clearTimeouts(address)
  return connection
}
