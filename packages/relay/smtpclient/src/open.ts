/** A connection to the first address that can be had (spec §2.8.3, §2.4.6). */
import { nowSeconds } from '@yabumi/dates'
import { clearTimeouts, recordTimeout, standingOf } from '@yabumi/tcptable'
import type { Demand } from '@yabumi/tlsdemand'
import type { Target } from './addresses.ts'
import { type Binding, localAddressFor } from './binding.ts'
import { Connection } from './connection.ts'
import type { Ending } from './conversation.ts'
import { dial } from './dial.ts'
import type { HostSocket } from './hostsocket.ts'
import { proofKey, type Security } from './security.ts'
import type { Settings } from './settings.ts'
import { noConnection, noLocalAddress, systemTrouble } from './texts.ts'

/** One address of a host, and its connections. */
export interface Peer {
  /** It did not want to talk lately. */
  readonly reluctant: boolean
  /** Wait for a turn. @returns an open connection to go on with that is fit, or undefined: a new one is to be made */
  claim(isFit: (connection: Connection) => boolean): Promise<Connection | undefined> | Connection | undefined
  /** Give the turn back: no connection could be made. */
  yield(): void
  /** Take a connection back after a message for so many recipients. */
  release(connection: Connection, ending: Ending, recipients: number): void
  /** The host was done with a connection that it had carried messages over. */
  abandon(connection: Connection): void
}

/** Where a message is to go. */
export interface Way {
  readonly targets: readonly Target[]
  readonly binding: Binding
  readonly security: Security
}

/** Who keeps the connections to an address. @param from - our own address, or empty */
export type PeerAt = (address: string, port: number, from: string) => Peer

/** A connection, and who it belongs to. */
export interface Opened {
  readonly connection: Connection
  readonly peer: Peer
  readonly target: Target
  /** What is demanded of it. */
  readonly demand: Demand
}

/**
 * Try the addresses in turn.
 *
 * @param deadline - on the clock of performance.now()
 * @returns the connection, or the report that ends the delivery
 */
export async function openConnection(
  { targets, binding, security }: Way,
  settings: Settings,
  deadline: number,
  peerAt: PeerAt,
): Promise<Opened | string> {
  const { port } = security
  let failure: Failure
  let refusal: string | undefined
  for (const target of targets) {
    const { address } = target
    const demand = await security.demandFor(target)
    if ('reason' in demand) {
      refusal ??= security.refuse(target, demand)
      continue
    }
    const from = localAddressFor(address, binding)
    const peer = peerAt(address, port, from)
    const kept = await peer.claim((connection) => connection.user === (security.login?.user ?? '') && isFit(connection, target, demand))
    if (kept !== undefined) return { connection: kept, peer, target, demand }
    // the connection is made before waiting again: the host may speak already
    const made = await tryAddress(
      { address, port, from },
      settings,
      deadline,
      (socket) => new Connection(socket, address, settings.silenceSeconds),
    )
    if (made instanceof Connection) return { connection: made, peer, target, demand }
    peer.yield()
    failure = made ?? failure
  }
  return refusal ?? reportOf(failure)
}

/** A connection may serve another destination if it has shown what that demands. */
function isFit({ isPrivate, version, shown, hasNoTls }: Connection, { host }: Target, { tls, minVersion, proof }: Demand): boolean {
  const isNew = minVersion !== 'TLSv1.3' || version === 'TLSv1.3'
  if (tls === 'must') return isPrivate && isNew && (proof === undefined || shown === proofKey(host, proof))
  return tls === 'none' || isPrivate || hasNoTls
}

/** The same for a host that does not speak first. @returns the socket and the address, or the report */
export async function openSocket(
  { targets, binding, security }: Way,
  settings: Settings,
  deadline: number,
): Promise<{ readonly socket: HostSocket; readonly address: string } | string> {
  const { port } = security
  let failure: Failure
  let refusal: string | undefined
  for (const target of targets) {
    const { address } = target
    const demand = await security.demandFor(target)
    if ('reason' in demand || demand.tls === 'must') {
      refusal ??= security.refuse(target, 'reason' in demand ? demand : { ...demand, reason: 'QMTP has none' })
      continue
    }
    const made = await tryAddress({ address, port, from: localAddressFor(address, binding) }, settings, deadline, (socket) => ({ socket }))
    if (typeof made === 'object') return { ...made, address }
    failure = made ?? failure
  }
  return refusal ?? reportOf(failure)
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
