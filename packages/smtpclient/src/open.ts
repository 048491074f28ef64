/** A connection to the first address that can be had (spec §2.8.3, §2.4.6). */
import type { Socket } from 'node:net'
import { nowSeconds } from '@yabumi/dates'
import { clearTimeouts, recordTimeout, standingOf } from '@yabumi/tcptable'
import { type Binding, localAddressFor } from './binding.ts'
import { Connection } from './connection.ts'
import { dial } from './dial.ts'
import type { Settings } from './settings.ts'
import { noConnection, noLocalAddress, systemTrouble } from './texts.ts'

/** Who decides over connections, if there are others than this one. `from` is our own address, or empty. */
export interface ConnectionSource {
  /** Wait for a turn. @returns an open connection to the address, or undefined: a new one is to be made */
  claim(address: string, port: number, from: string): Promise<Connection | undefined>
  /** Give the turn back: no connection could be made. */
  yield(address: string, port: number, from: string): void
}

/** Try the addresses in turn. @returns the connection, or the report that ends the delivery */
export async function openConnection(
  addresses: readonly string[],
  port: number,
  settings: Settings,
  binding: Binding,
  source?: ConnectionSource,
): Promise<Connection | string> {
  let failure: Failure
  for (const address of addresses) {
    const from = localAddressFor(address, binding)
    const connection = await source?.claim(address, port, from)
    if (connection !== undefined) return connection
    // the connection is made before waiting again: the host may speak already
    const made = await tryAddress({ address, port, from }, settings, (socket) => new Connection(socket, address, settings.silenceSeconds))
    if (made instanceof Connection) return made
    source?.yield(address, port, from)
    failure = made ?? failure
  }
  return reportOf(failure)
}

/** The same for a host that does not speak first. @returns the socket and the address, or the report */
export async function openSocket(
  addresses: readonly string[],
  port: number,
  settings: Settings,
  binding: Binding,
): Promise<{ readonly socket: Socket; readonly address: string } | string> {
  let failure: Failure
  for (const address of addresses) {
    const made = await tryAddress({ address, port, from: localAddressFor(address, binding) }, settings, (socket) => ({ socket }))
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
  wrap: (socket: Socket) => T,
): Promise<T | Failure> {
  const { inTrouble, recorded } = await standingOf(address, nowSeconds())
  if (inTrouble) return undefined
  const socket = await dial(address, port, settings.connectSeconds, from)
  if (socket === 'timeout') await recordTimeout(address, nowSeconds())
  if (typeof socket === 'string') return socket === 'resources' || socket === 'bind' ? socket : undefined
  const connection = wrap(socket)
  if (recorded) await clearTimeouts(address)
  return connection
}
