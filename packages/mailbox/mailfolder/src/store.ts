/**
 * Change the flags of messages, and remove messages.
 *
 * Out      a flag change is one rename of the file. Where another program was faster, the change is made to what it
 *          left
 * Synced   nothing: a power cut may bring old flags and removed messages back, as IMAP allows; kill -9 does not
 * Refused  a rename onto another file, which would remove that one
 */
import { lstatSync, renameSync, unlinkSync } from 'node:fs'
import { furtherKeywords } from '@yabumi/limits'
import { errnoOf } from '@yabumi/trouble'
import { markedName } from './filename.ts'
import type { Folder } from './folder.ts'
import { Refusal } from './refusal.ts'
import { isThere } from './scan.ts'

export interface FlagChange {
  readonly how: 'add' | 'remove' | 'replace'
  /** Bits of `flagBits`. */
  readonly flags: number
  /** Names; their case does not matter. */
  readonly keywords: readonly string[]
}

/** What a change came to, by UID. */
export interface Stored {
  /** They have other flags than before, or would have, were they not gone. */
  readonly changed: readonly number[]
  /** They were changed since, or are gone: they stayed as they are. */
  readonly modified: readonly number[]
  /** Of those asked for, what is not there any more. */
  readonly gone: readonly number[]
}

/** Keywords as bits of the columns `keywords` and `further`. */
export interface KeywordBits {
  readonly keywords: number
  readonly further: number
}

const attempts = 10

/** Change flags, in turn. @param unchangedSince - leave those alone whose modseq is higher. @throws Refusal LIMIT; the system's error */
export async function store(
  folder: Folder,
  uids: readonly number[],
  change: FlagChange,
  unchangedSince: number = Number.POSITIVE_INFINITY,
): Promise<Stored> {
  const bits = await keywordBits(folder, change.keywords, change.how !== 'remove')
  const [changed, modified, gone]: [number[], number[], number[]] = [[], [], []]
  for (const uid of uids) {
    const index = folder.table.indexOf(uid)
    if (index >= 0 && folder.table.get('modseq', index) > unchangedSince) {
      modified.push(uid)
      continue
    }
    const done = await mark(folder, uid, change, bits)
    if (done === undefined) gone.push(uid)
    const seemsDone = done ?? (unchangedSince === Number.POSITIVE_INFINITY && markGhost(folder, uid, change, bits))
    if (seemsDone) changed.push(uid)
  }
  return { changed, modified, gone }
}

/** Remove messages, in turn. @returns the UIDs that went by this, in order. @throws the system's error; what went until then is known */
export async function expunge(folder: Folder, uids: readonly number[]): Promise<{ uids: number[]; bytes: number }> {
  const removed: number[] = []
  let bytes = 0
  if (uids.length > 0) folder.changeNow() // none to be had: then nothing is removed
  try {
    for (const uid of uids) {
      const size = await unlinkMessage(folder, uid)
      if (size === undefined) continue
      removed.push(uid)
      bytes += size
    }
  } finally {
    removed.sort((a, b) => a - b)
    folder.forget(folder.table.indexesOf(removed))
  }
  return { uids: removed, bytes }
}

/**
 * The bits of keywords, in turn.
 *
 * @param make - whether those that have none get one
 * @throws Refusal LIMIT if there are none left; StillLocked; the system's error
 */
export async function keywordBits(folder: Folder, names: readonly string[], make: boolean): Promise<KeywordBits> {
  const { letters, further } = folder
  const unnamed = names.filter((name) => letters.letterOf(name) === -1 && furtherOf(further, name) === -1)
  if (make && unnamed.length > 0) {
    let inUse = 0
    for (let index = 0; index < folder.table.count; index += 1) inUse |= folder.table.get('keywords', index)
    await folder.locked(() => letters.add(unnamed, inUse))
    const left = unnamed.filter((name) => letters.letterOf(name) === -1)
    if (further.length + left.length > furtherKeywords) throw new Refusal('LIMIT', 'This mailbox has too many different keywords')
    further.push(...left)
  }
  let bits: KeywordBits = { keywords: 0, further: 0 }
  for (const name of names) {
    const letter = letters.letterOf(name)
    const other = letter === -1 ? furtherOf(further, name) : -1
    if (letter !== -1) bits = { ...bits, keywords: bits.keywords | (1 << letter) }
    else if (other !== -1) bits = { ...bits, further: bits.further | (1 << other) }
  }
  return bits
}

function furtherOf(further: readonly string[], name: string): number {
  return further.findIndex((each) => each.toLowerCase() === name.toLowerCase())
}

/** @returns whether it has other flags now; undefined if the message is gone */
async function mark(folder: Folder, uid: number, change: FlagChange, bits: KeywordBits): Promise<boolean | undefined> {
  const { table, place } = folder
  return untilThere(folder, uid, (index) => {
    const flags = combined(change.how, table.get('flags', index), change.flags)
    const keywords = combined(change.how, table.get('keywords', index), bits.keywords)
    const further = combined(change.how, table.get('further', index), bits.further)
    const name = table.nameAt(index)
    const sameName = flags === table.get('flags', index) && keywords === table.get('keywords', index)
    if (sameName && further === table.get('further', index)) return false
    const modseq = folder.changeNow()
    if (!sameName) {
      const marked = markedName(name, { flags, keywords })
      // another program was faster with the same change; or it is a duplicate, which gets a name of its own by two looks
      if (isThere(place, { part: 'cur', name: marked })) throw Object.assign(new Error('ENOENT'), { code: 'ENOENT' })
      renameSync(place[table.partAt(index)].entry(name), place.cur.entry(marked))
      folder.renamed(index, { part: 'cur', name: marked })
    }
    table.set('further', index, further)
    table.set('modseq', index, modseq)
    return true
  })
}

/** To a session that has not been told that the message is gone it looks as if its flags had changed. @returns whether they do */
function markGhost({ table }: Folder, uid: number, { how, flags }: FlagChange, bits: KeywordBits): boolean {
  const ghost = table.ghosts.get(uid)
  if (ghost === undefined) return false
  const marks = {
    flags: combined(how, ghost.flags, flags),
    keywords: combined(how, ghost.keywords, bits.keywords),
    further: combined(how, ghost.further, bits.further),
  }
  table.ghosts.mark(uid, marks)
  return marks.flags !== ghost.flags || marks.keywords !== ghost.keywords || marks.further !== ghost.further
}

function combined(how: FlagChange['how'], before: number, bits: number): number {
  return how === 'add' ? before | bits : how === 'remove' ? before & ~bits : bits
}

/** @returns the bytes of the file, or undefined if another program has removed it */
function unlinkMessage(folder: Folder, uid: number): Promise<number | undefined> {
  return untilThere(folder, uid, (index) => {
    const path = folder.place[folder.table.partAt(index)].entry(folder.table.nameAt(index))
    const { size } = lstatSync(path)
    unlinkSync(path)
    return size
  })
}

/**
 * Do something with a message's file; if another program has renamed it meanwhile, with what it is called now.
 *
 * @param look - keeps up with the disk; whoever is not in turn waits for one
 * @returns undefined if the message is gone
 */
export async function untilThere<T>(
  folder: Folder,
  uid: number,
  work: (index: number) => T,
  look: () => Promise<void> = () => folder.look(),
): Promise<T | undefined> {
  for (let attempt = 1; ; attempt += 1) {
    const index = folder.table.indexOf(uid)
    if (index < 0) return undefined
    try {
      return work(index)
    } catch (error) {
      if (errnoOf(error) !== 'ENOENT' || attempt === attempts) throw error
      folder.sight.doubt()
      await look()
    }
  }
}
