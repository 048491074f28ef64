/**
 * An attempt to hand one message to one of the hosts that take mail for a domain, in all its turns. It goes over a kept
 * connection or a new one, to the best host, or to the next where that does not want to talk.
 */

import { localAddressFor } from './binding.ts'
import { converse, type Mail, stale } from './conversation.ts'
import { openConnection, type PeerAt, type Way } from './open.ts'
import type { Settings } from './settings.ts'
import { noConnection } from './texts.ts'

/** When an attempt that begins now must have come to its final dot, on the clock of performance.now(). */
export function deadlineFor({ attemptSeconds }: Settings): number {
  return performance.now() + attemptSeconds * 1000
}

/** @returns the report on the message; where several hosts did not want to talk, that of the first */
export async function attempt(mail: Mail, way: Way, settings: Settings, peerAt: PeerAt): Promise<string> {
  const deadline = deadlineFor(settings)
  let refusal: string | undefined
  for (let addresses = willingFirst(way, peerAt); addresses.length > 0; ) {
    const opened = await openConnection({ ...way, addresses }, settings, deadline, peerAt)
    if (typeof opened === 'string') return refusal ?? opened
    const { connection, peer } = opened
    const ending = await converse(connection, mail, settings.heloHost, deadline)
    if (ending === stale) {
      peer.abandon(connection)
      continue
    }
    peer.release(connection, ending, mail.size)
    if (ending.elsewhere !== true) return ending.report
    refusal ??= ending.report
    addresses = addresses.slice(addresses.indexOf(connection.address) + 1)
  }
  return refusal ?? noConnection
}

/** In the order given, but first those that did not refuse to talk lately. */
function willingFirst({ addresses, port, binding }: Way, peerAt: PeerAt): readonly string[] {
  const isReluctant = (address: string): boolean => peerAt(address, port, localAddressFor(address, binding)).reluctant
  if (addresses.length < 2) return addresses
  const last = addresses.filter(isReluctant)
  return [...addresses.filter((address) => !last.includes(address)), ...last]
}
