/**
 * What the administrator has said in control/ (spec §3), read at the start; the routing again when told to.
 */
import { ConstMap, readLine, readLineOrMe, readList, readNumber } from '@yabumi/control'
import { Trouble } from '@yabumi/trouble'
import type { Log } from './log.ts'

/** Where recipients belong; read again on HUP and when the files change. */
export interface Routing {
  readonly locals: ConstMap
  readonly virtualDomains: ConstMap
}

export interface Controls {
  readonly bounceFrom: string
  readonly bounceHost: string
  /** Deliveries at once: local, remote. 0 holds the channel. */
  readonly concurrency: readonly [number, number]
  /** Deliveries at once to one destination; 0: no limit of its own. */
  readonly concurrencyPerHost: number
  /** Where bounces that bounce go. */
  readonly doubleBounceTo: string
  /** The host of an address without one. */
  readonly envNoAtHost: string
  readonly lifetimeSeconds: number
  readonly percentHack: ConstMap
}

/** @throws Trouble naming the file that cannot be read */
export function readControls(): Controls {
  const doubleBounceBox = readLine('doublebounceto') ?? 'postmaster'
  const doubleBounceHost = readLineOrMe('doublebouncehost') ?? 'doublebouncehost'
  return {
    bounceFrom: readLine('bouncefrom') ?? 'MAILER-DAEMON',
    bounceHost: readLineOrMe('bouncehost') ?? 'bouncehost',
    concurrency: [readNumber('concurrencylocal', 10), readNumber('concurrencyremote', 20)],
    concurrencyPerHost: readNumber('concurrencyperhost', 0),
    doubleBounceTo: `${doubleBounceBox}@${doubleBounceHost}`,
    envNoAtHost: readLineOrMe('envnoathost') ?? 'envnoathost',
    lifetimeSeconds: readNumber('queuelifetime', 604_800),
    percentHack: ConstMap.ofLines(readList('percenthack') ?? []),
  }
}

/** @throws Trouble if control/locals cannot be read, or is not there and control/me neither */
export function readLocals(): ConstMap {
  const lines = readList('locals')
  if (lines !== undefined) return ConstMap.ofLines(lines)
  const me = readLine('me')
  if (me === undefined) throw new Trouble('4.3.0', 'unable to read control/locals: neither it nor control/me exists')
  return ConstMap.ofLines([me])
}

/** @throws Trouble if control/virtualdomains is there and cannot be read */
export function readVirtualDomains(): ConstMap {
  return ConstMap.ofColonLines(readList('virtualdomains') ?? [])
}

/** The routing as the files are now; what cannot be read stays as it was. */
export function rereadRouting(routing: Routing, log: Log): Routing {
  return {
    locals: attempt(readLocals, routing.locals, 'locals', log),
    virtualDomains: attempt(readVirtualDomains, routing.virtualDomains, 'virtualdomains', log),
  }
}

function attempt<T>(read: () => T, otherwise: T, name: string, log: Log): T {
  try {
    return read()
  } catch {
    log.alert(`unable to reread control/${name}`)
    return otherwise
  }
}
