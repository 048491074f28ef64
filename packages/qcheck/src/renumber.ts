/**
 * Give a message the number that its mess file has on this disk, as must be done with a queue that was copied (spec §1.7).
 *
 * Nothing is ever moved: every file gets its new name beside the old one, the directories are synced, and only then the old
 * names go, those of the message last. So a crash leaves the old set or the new one whole, and doing it again finishes it.
 */
import { closeSync, fsyncSync, linkSync, lstatSync, openSync, unlinkSync } from 'node:fs'
import { dirname } from 'node:path'
import { type MessageId, queuePath } from '@yabumi/queuedir'
import { errnoOf } from '@yabumi/trouble'
import { type Directory, directories, inodeOf, presenceOf } from './message.ts'

/** In the order to remove the old names: until the last one the message is known by both numbers. */
const removal = ['local', 'remote', 'bounce', 'intd', 'todo', 'info', 'mess'] as const satisfies readonly Directory[]
/** No inode has so high a number. */
const firstSpare = 18_000_000_000_000_000_000n

/**
 * Renumber messages.
 *
 * @returns those that have got their number
 */
export function renumber(ids: readonly MessageId[]): Set<MessageId> {
  const done = new Set<MessageId>()
  const waiting = new Map(ids.map((id) => [id, id])) // the number it was found by, and the one it has now
  for (let spare = firstSpare; waiting.size > 0; spare += 1n) {
    const before = waiting.size
    for (const [id, current] of waiting) {
      if (!tryMove(current, inodeOf(current))) continue
      waiting.delete(id)
      done.add(id)
    }
    if (waiting.size < before) continue
    const [id, current] = waiting.entries().next().value as [MessageId, MessageId] // each waits for another one's number
    if (BigInt(current) >= firstSpare || !tryMove(current, String(spare))) break
    waiting.set(id, String(spare))
  }
  return done
}

/** @returns false if another message has that number now */
function tryMove(from: MessageId, to: MessageId): boolean {
  const old = directories.filter((directory) => presenceOf(from)[directory])
  if (presenceOf(to).mess && inodeOf(to) !== inodeOf(from)) return false
  for (const directory of old) if (!link(queuePath(directory, from), queuePath(directory, to))) return false
  for (const path of new Set(old.map((directory) => dirname(queuePath(directory, to))))) syncDirectory(path)
  for (const directory of removal) if (old.includes(directory)) unlinkSync(queuePath(directory, from))
  return true
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

function syncDirectory(path: string): void {
  const fd = openSync(path, 'r')
  try {
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
}
