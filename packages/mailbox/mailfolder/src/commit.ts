/**
 * Messages come into a mailbox: from tmp/, with their UIDs, whole or not at all.
 *
 * Synced  the file; then its record in dovecot-uidlist, under the lock. Then it is renamed to new/ or cur/, and that
 *         directory is synced. Only then the UID is told
 * Crash   leaves a file in tmp/, and perhaps a UID that no message has; once it was renamed, the message with its UID
 * Shared  all that waits for the lock goes in by one write of records and one sync of a directory
 */
import { renameSync } from 'node:fs'
import type { DotLock } from '@yabumi/dovecotfiles'
import { removeQuietly } from '@yabumi/files'
import { flush } from '@yabumi/maildir'
import { markedName } from './filename.ts'
import type { Folder } from './folder.ts'
import type { Found } from './scan.ts'
import { keywordBits } from './store.ts'

/** A file in tmp/, synced, that shall become a message. */
export interface Coming {
  /** Its name in tmp/, and its base in new/ or cur/. */
  readonly base: string
  /** Fields for dovecot-uidlist, or empty. */
  readonly fields: string
  readonly flags: number
  readonly keywords: readonly string[]
}

interface Group {
  readonly coming: readonly Coming[]
  readonly done: (uids: number[]) => void
  readonly failed: (error: unknown) => void
}

interface Moved {
  readonly group: Group
  readonly uids: number[]
  readonly found: readonly Found[]
}

const waiting = new WeakMap<Folder, Group[]>()

/**
 * Take files of tmp/ in. All of them or none; of none, the files are removed.
 *
 * @returns their UIDs
 * @throws Refusal LIMIT; StillLocked; NoMoreUids; the system's error
 */
export function commit(folder: Folder, coming: readonly Coming[]): Promise<number[]> {
  return new Promise((done, failed) => {
    const groups = waiting.get(folder)
    const group = { coming, done, failed }
    if (groups !== undefined) {
      groups.push(group)
      return
    }
    const mine = [group]
    waiting.set(folder, mine)
    folder
      .inTurn(() => {
        waiting.delete(folder)
        return commitAll(folder, mine)
      })
      .catch((error) => {
        for (const each of mine) fail(folder, each, error)
      })
  })
}

async function commitAll(folder: Folder, groups: readonly Group[]): Promise<void> {
  const moved: Moved[] = []
  const takeIn = async (lock: DotLock): Promise<void> => {
    await folder.look() // what others have put there has its UIDs before ours
    const ready: { group: Group; names: string[] }[] = []
    for (const group of groups) {
      try {
        folder.changeNow()
        ready.push({ group, names: await namesFor(folder, group.coming) })
      } catch (error) {
        fail(folder, group, error)
      }
    }
    const coming = ready.flatMap(({ group }) => group.coming)
    const uids = folder.list.assign(lock, coming, folder.living())
    for (const { group, names } of ready) {
      const own = uids.splice(0, names.length)
      try {
        moved.push({ group, uids: own, found: moveIn(folder, group.coming, names) })
      } catch (error) {
        fail(folder, group, error)
      }
    }
  }
  try {
    await folder.locked(takeIn)
  } catch (error) {
    for (const { found } of moved) undo(folder, found) // the lock could not be given back: nobody is told of them
    throw error
  }
  await settle(folder, moved)
}

/** Make the names durable, and tell the UIDs. */
async function settle(folder: Folder, moved: readonly Moved[]): Promise<void> {
  const parts = new Set(moved.flatMap(({ found }) => found.map(({ part }) => part)))
  try {
    for (const part of parts) await flush(folder.place[part].fd, moved.length === 1)
  } catch (error) {
    for (const { group, found } of moved) {
      undo(folder, found)
      group.failed(error)
    }
    folder.sight.doubt()
    return
  }
  for (const { group, uids, found } of moved) {
    found.forEach((each, at) => {
      folder.insert(uids[at] as number, group.coming[at]?.fields ?? '', each, true)
    })
    group.done(uids)
  }
}

/** What the files will be called, if they do not stay without flags in new/. */
async function namesFor(folder: Folder, coming: readonly Coming[]): Promise<string[]> {
  const names: string[] = []
  for (const { base, flags, keywords } of coming) {
    const bits = await keywordBits(folder, keywords, true)
    names.push(markedName(base, { flags, keywords: bits.keywords }))
  }
  return names
}

function moveIn(folder: Folder, coming: readonly Coming[], names: readonly string[]): Found[] {
  const found: Found[] = []
  try {
    coming.forEach(({ base }, at) => {
      const marked = names[at] as string
      const plain = folder.writers === 0 && marked === `${base}:2,`
      const to: Found = plain ? { part: 'new', name: base } : { part: 'cur', name: marked }
      renameSync(folder.place.tmp.entry(base), folder.place[to.part].entry(to.name))
      found.push(to)
    })
    return found
  } catch (error) {
    undo(folder, found)
    throw error
  }
}

function undo(folder: Folder, found: readonly Found[]): void {
  for (const { part, name } of found) removeQuietly(folder.place[part].entry(name))
}

function fail(folder: Folder, { coming, failed }: Group, error: unknown): void {
  for (const { base } of coming) removeComing(folder, base)
  failed(error)
}

/** A file of tmp/ becomes no message after all. */
export function removeComing(folder: Folder, base: string): void {
  removeQuietly(folder.place.tmp.entry(base))
}
