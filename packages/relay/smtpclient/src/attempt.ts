/**
 * An attempt to hand one message to one of the hosts that take mail for a domain, in all its turns. It goes over a kept
 * connection or a new one, to the best host, or to the next where that does not want to talk.
 */

import type { Target } from './addresses.ts'
import { localAddressFor } from './binding.ts'
import { converse, type Mail, stale } from './conversation.ts'
import { openConnection, type PeerAt, type Way } from './open.ts'
import { rememberBroken, securityFor } from './security.ts'
import type { Settings } from './settings.ts'
import { noConnection } from './texts.ts'

/** When an attempt that begins now must have come to its final dot, on the clock of performance.now(). */
export function deadlineFor({ attemptSeconds }: Settings): number {
  return performance.now() + attemptSeconds * 1000
}

/** @returns the report on the message; where several hosts did not want to talk, that of the first */
export async function attempt(mail: Mail, way: Way, settings: Settings, peerAt: PeerAt): Promise<string> {
  const deadline = deadlineFor(settings)
  const security = securityFor(mail.facts, way.security)
  const { port, esmtp, heard, login } = security
  let refusal: string | undefined
  for (let targets = willingFirst(way, peerAt); targets.length > 0; ) {
    const opened = await openConnection({ ...way, security, targets }, settings, deadline, peerAt)
    if (typeof opened === 'string') return refusal ?? opened
    const { connection, peer, target, demand } = opened
    const { host } = target
    const introduction = {
      heloHost: settings.heloHost,
      host,
      port,
      esmtp,
      demand,
      ...(login === undefined ? {} : { login }),
      heard: heard(target, demand),
    }
    const ending = await converse(connection, mail, introduction, settings, deadline)
    if (ending === stale) {
      peer.abandon(connection)
      continue
    }
    peer.release(connection, ending, mail.size)
    if (ending.inClear === true) {
      rememberBroken(target.address, port)
      continue
    }
    if (ending.elsewhere !== true) return ending.report
    refusal ??= ending.report
    targets = targets.slice(targets.indexOf(target) + 1)
  }
  return refusal ?? noConnection
}

/** In the order given, but first those that did not refuse to talk lately. */
function willingFirst({ targets, binding, security: { port } }: Way, peerAt: PeerAt): readonly Target[] {
  const isReluctant = ({ address }: Target): boolean => peerAt(address, port, localAddressFor(address, binding)).reluctant
  if (targets.length < 2) return targets
  const last = targets.filter(isReluctant)
  return [...targets.filter((target) => !last.includes(target)), ...last]
}
