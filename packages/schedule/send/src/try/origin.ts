/**
 * Whether a message for another host may be anybody's. A bounce may. So may one with a sender of elsewhere that a user
 * of this host sends on, as by a .qmail. What smtpd has taken from a client that may relay is neither.
 *
 * Who queued a message is in its first line, which queue writes and nobody else can.
 */

import { closeSync, constants, openSync, readSync } from 'node:fs'
import { doubleBounceSender } from '@yabumi/address'
import { type MessageId, queuePath } from '@yabumi/queuedir'
import { type Rewriting, type Routing, rewrite } from '@yabumi/routing'
import { plainSender } from './verp.ts'

const lineBytes = 80
const invokedByUser = /^Received: \(qmail \S+ invoked by (?:alias|uid [1-9])/
/** A sender of elsewhere under a domain of ours (package srs). */
const forwarded = /^srs[01][-+=]/i

/** @param sender - of the envelope */
export function isDoubtful(id: MessageId, sender: string, rewriting: Rewriting, routing: Routing): boolean {
  if (sender === '' || sender === doubleBounceSender) return true
  const isOurs = rewrite(plainSender(sender), rewriting, routing).channel === 'local'
  return (!isOurs || forwarded.test(sender)) && invokedByUser.test(firstLine(id))
}

/** Empty if it cannot be read: then rspawn will say so. */
function firstLine(id: MessageId): string {
  let fd: number
  try {
    fd = openSync(`queue/${queuePath('mess', id)}`, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW)
  } catch {
    return ''
  }
  try {
    const bytes = Buffer.alloc(lineBytes)
    return bytes.toString('latin1', 0, readSync(fd, bytes, 0, lineBytes, 0))
  } catch {
    return ''
  } finally {
    closeSync(fd)
  }
}
