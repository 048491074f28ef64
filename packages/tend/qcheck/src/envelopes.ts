/** The files of intd/, by their inode numbers: only the account of queue can look there. */
import { lstatSync } from 'node:fs'
import { type Account, asAccount } from '@yabumi/home'
import { isMessageId, type MessageId, queuePath } from '@yabumi/queuedir'
import { namesIn } from './places.ts'

/** For so many messages it is faster to look at all than to become that account for each. */
const many = 16

/** The inode number of intd/N; undefined if it is not there. */
export type EnvelopeOf = (id: MessageId) => number | undefined

/** @param messages - how many will be asked for */
export function envelopes(queue: Account, messages: number): EnvelopeOf {
  if (messages < many) return (id) => asAccount(queue, () => inodeOf(id))
  let all: ReadonlyMap<MessageId, number> | undefined
  return (id) => {
    all ??= allEnvelopes(queue)
    return all.get(id)
  }
}

/** @throws the system's error */
export function allEnvelopes(queue: Account): ReadonlyMap<MessageId, number> {
  return asAccount(queue, () => {
    const all = new Map<MessageId, number>()
    for (const id of namesIn('intd').filter(isMessageId)) {
      const inode = inodeOf(id)
      if (inode !== undefined) all.set(id, inode)
    }
    return all
  })
}

function inodeOf(id: MessageId): number | undefined {
  return lstatSync(queuePath('intd', id), { throwIfNoEntry: false })?.ino
}
