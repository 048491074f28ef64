/** A connection to the first address that can be had (spec §2.8.3, §2.4.6). */
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
  let report = noConnection
  for (const address of addresses) {
    const from = localAddressFor(address, binding)
    const connection = await source?.claim(address, port, from)
    if (connection !== undefined) return connection
    const made = await tryAddress(address, port, from, settings)
    if (made instanceof Connection) return made
    source?.yield(address, port, from)
    if (made === 'resources') report = systemTrouble
    else if (made === 'bind') report = noLocalAddress
  }
  return report
}

async function tryAddress(
  address: string,
  port: number,
  from: string,
  settings: Settings,
): Promise<Connection | 'resources' | 'bind' | undefined> {
  const { inTrouble, recorded } = await standingOf(address, nowSeconds())
  if (inTrouble) return undefined
  const socket = await dial(address, port, settings.connectSeconds, from)
  if (socket === 'timeout') await recordTimeout(address, nowSeconds())
  if (typeof socket === 'string') return socket === 'resources' || socket === 'bind' ? socket : undefined
  const connection = new Connection(socket, address, settings.silenceSeconds) // before waiting again: the host may speak already
  if (recorded) await clearTimeouts(address)
  return connection
}
