/** The control files that say where recipients belong (spec §3). */
import { ConstMap, readLine, readLineOrMe, readList } from '@yabumi/control'
import { Trouble } from '@yabumi/trouble'

/** Which domains are here. send reads it again on HUP and when the files change. */
export interface Routing {
  readonly locals: ConstMap
  readonly virtualDomains: ConstMap
}

/** What rewriting needs to know beside the routing. */
export interface Rewriting {
  /** The host of an address without one. */
  readonly envNoAtHost: string
  readonly percentHack: ConstMap
}

/** @throws Trouble naming the file that cannot be read */
export function readRewriting(): Rewriting {
  return { envNoAtHost: readLineOrMe('envnoathost') ?? 'envnoathost', percentHack: ConstMap.ofLines(readList('percenthack') ?? []) }
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
