/**
 * Which messages a command names, and how they are read.
 *
 * Memory  the message that was read last, for clients that ask for it in pieces; and previewsKept previews
 */
import { BadCommand, isWithin, NumberSet, resolveSet, type SequenceSet } from '@yabumi/imapwire'
import { previewsKept } from '@yabumi/limits'
import { type Digest, type FileStamp, sameStamp } from '@yabumi/mailfolder'
import { type Part, previewOf, scanParts } from '@yabumi/mimeparts'
import type { Selected } from './selected.ts'
import { summaryOf } from './summary.ts'

/** The bytes of a message's file, and its parts. */
export interface OpenMessage {
  readonly uid: number
  readonly stamp: FileStamp
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

/** For messages of which nothing is held. */
const scratch = Buffer.allocUnsafeSlow(262_144)

/** Reads messages of a mailbox. */
export class MessageReader {
  #last: OpenMessage | undefined
  #globals = false
  readonly #previews = new Map<number, string>()

  /** From now on message/global is a message too, as scanParts() has it. */
  openGlobals(): void {
    this.#globals = true
    this.#last = undefined
  }

  /** @returns undefined if the message is gone, unless it was the last one */
  async open({ mailbox }: Selected, uid: number): Promise<OpenMessage | undefined> {
    if (this.#last?.uid === uid) {
      const stamp = await mailbox.stamp(uid)
      if (stamp === undefined || sameStamp(stamp, this.#last.stamp)) return this.#last
    }
    const file = await mailbox.readFile(uid)
    this.#last = file && { uid, ...file, root: scanParts(file.bytes, this.#globals) }
    return this.#last
  }

  /** What is kept of a message, or can be told now from its file. @returns undefined if it is gone, or nothing of it can be kept */
  async digest(selected: Selected, uid: number): Promise<Digest | undefined> {
    const kept = selected.mailbox.digest(uid)
    if (kept !== undefined) return kept
    const file = await selected.mailbox.readFile(uid, scratch)
    const digest = file && summaryOf({ root: scanParts(file.bytes, this.#globals), bytes: file.bytes })
    if (file !== undefined && digest !== undefined) selected.mailbox.keep(uid, file.stamp, digest)
    return digest
  }

  /** The preview of a message, if it was asked for not long ago. */
  knownPreview(uid: number): string | undefined {
    return this.#previews.get(uid)
  }

  preview({ uid, bytes, root }: Omit<OpenMessage, 'stamp'>): string {
    const preview = previewOf(root, (start, end) => bytes.subarray(start, end))
    this.#previews.set(uid, preview)
    if (this.#previews.size > previewsKept) this.#previews.delete(this.#previews.keys().next().value as number)
    return preview
  }

  /** Another mailbox is selected. */
  forget(): void {
    this.#last = undefined
    this.#previews.clear()
  }
}
