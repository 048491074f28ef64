/**
 * Give a message the number that its mess file has on this disk, as must be done with a queue that was copied (spec
 * §1.7).
 *
 * Root acts as the account whose directory it is. Nothing is ever moved: every file gets its new name beside the old
 * one, and the directories are synced. Only then the old names go, those of the message last. So a crash leaves the old
 * set or the new one whole, and doing it again finishes it.
 */
import { linkSync, lstatSync, unlinkSync } from 'node:fs'
import { dirname } from 'node:path'
import { syncDirectory } from '@yabumi/files'
import { asAccount } from '@yabumi/home'
import { type MessageId, queuePath } from '@yabumi/queuedir'
import { errnoOf } from '@yabumi/trouble'
import { envelopes } from './envelopes.ts'
import { type Directory, directories, inodeOf, type Presence, presenceOf } from './message.ts'
import { type Accounts, ownerOfDirectory } from './places.ts'

/** In the order to remove the old names: until the last one the message is known by both numbers. */
const removal = ['local', 'remote', 'bounce', 'intd', 'todo', 'info', 'mess'] as const satisfies readonly Directory[]
/** No inode has so high a number. */
const firstSpare = 18_000_000_000_000_000_000n

/**
 * Renumber messages.
 *
 * @returns those that have got their number
 */
export function renumber(ids: readonly MessageId[], accounts: Accounts): Set<MessageId> {
  return asAccount(accounts.send, () => new Renumbering(accounts).run(ids))
}

class Renumbering {
  readonly #accounts: Accounts

  constructor(accounts: Accounts) {
    this.#accounts = accounts
  }

  run(ids: readonly MessageId[]): Set<MessageId> {
    const done = new Set<MessageId>()
    const waiting = new Map(ids.map((id) => [id, id])) // the number it was found by, and the one it has now
    for (let spare = firstSpare; waiting.size > 0; spare += 1n) {
      const before = waiting.size
      for (const [id, current] of waiting) {
        if (!this.#tryMove(current, inodeOf(current))) continue
        waiting.delete(id)
        done.add(id)
      }
      if (waiting.size < before) continue
      const [id, current] = waiting.entries().next().value as [MessageId, MessageId] // each waits for another one's number
      if (BigInt(current) >= firstSpare || !this.#tryMove(current, String(spare))) break
      waiting.set(id, String(spare))
    }
    return done
  }

  /** @returns false if another message has that number now */
  #tryMove(from: MessageId, to: MessageId): boolean {
    const present = this.#presence(from)
    const old = directories.filter((directory) => present[directory])
    if (this.#presence(to).mess && inodeOf(to) !== inodeOf(from)) return false
    const isLinked = (directory: Directory) => this.#in(directory, () => link(queuePath(directory, from), queuePath(directory, to)))
    if (!old.every(isLinked)) return false
    for (const path of new Set(old.map((directory) => dirname(queuePath(directory, to))))) this.#in(path, () => syncDirectory(path))
    for (const directory of removal) if (old.includes(directory)) this.#in(directory, () => unlinkSync(queuePath(directory, from)))
    return true
  }

  #presence(id: MessageId): Presence {
    return presenceOf(id, envelopes(this.#accounts.queue, 1))
  }

  /** Something in a directory of messages. */
  #in<T>(path: string, work: () => T): T {
    return asAccount(ownerOfDirectory(path, this.#accounts), work)
  }
}

/** @returns false if another file has the name */
function link(from: string, to: string): boolean {
  try {
    linkSync(from, to)
    return true
  } catch (error) {
    if (errnoOf(error) !== 'EEXIST') throw error
    return lstatSync(from).ino === lstatSync(to).ino
  }
}
