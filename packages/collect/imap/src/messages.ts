/**
 * Which messages a command names, and how they are read.
 *
 * Memory  the message that was read last, for clients that ask for it in pieces
 */
import { BadCommand, isWithin, NumberSet, resolveSet, type SequenceSet } from '@yabumi/imapwire'
import { type Part, scanParts } from '@yabumi/mimeparts'
import type { Selected } from './selected.ts'

/** The bytes of a message's file, and its parts. */
export interface OpenMessage {
  readonly uid: number
  readonly bytes: Buffer
  readonly root: Part
}

/**
 * UIDs of the messages that a set names, ascending.
 *
 * @param byUid - the set is of UIDs, which need not exist
 * @param saved - UIDs of `$`
 * @throws BadCommand - a message number that does not exist
 */
export function uidsOf({ view }: Selected, set: SequenceSet, byUid: boolean, saved: NumberSet): number[] {
  if (set === 'saved') return [...view.uids].filter((uid) => saved.has(uid))
  if (!byUid) {
    if (!isWithin(set, view.count)) throw new BadCommand('Invalid messageset')
    return [...resolveSet(set, view.count, NumberSet.empty)].map((number) => view.uidOf(number))
  }
  const uids: number[] = []
  for (const [first, last] of resolveSet(set, view.uids.at(-1) ?? 0, NumberSet.empty).ranges()) {
    for (let number = view.firstFrom(first); number <= view.count && view.uidOf(number) <= last; number += 1) uids.push(view.uidOf(number))
  }
  return uids
}

/** Reads messages of a mailbox. */
export class MessageReader {
  #last: OpenMessage | undefined
  #stamp: string | undefined

  /** @returns undefined if the message is gone, unless it was the last one */
  async open({ mailbox }: Selected, uid: number): Promise<OpenMessage | undefined> {
    const stamp = await mailbox.stamp(uid)
    if (this.#last?.uid === uid && (stamp === undefined || stamp === this.#stamp)) return this.#last
    const bytes = await mailbox.read(uid)
    this.#last = bytes && { uid, bytes, root: scanParts(bytes, true) }
    this.#stamp = stamp
    return this.#last
  }

  /** Another mailbox is selected. */
  forget(): void {
    this.#last = undefined
  }
}
