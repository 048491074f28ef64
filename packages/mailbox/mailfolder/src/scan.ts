/**
 * Which files lie in new/ and cur/ now.
 *
 * First new/, then cur/: a file that moves meanwhile is seen in one of them at least. Directories, and names with a
 * dot in front, are nobody's messages. Of two files with one base the first in the order of bytes counts; the other
 * is a duplicate.
 */
import { lstatSync, readdirSync, renameSync } from 'node:fs'
import { errnoOf } from '@yabumi/trouble'
import { baseOf, markedName, marksOf } from './filename.ts'
import type { Place } from './place.ts'
import type { Part } from './table.ts'

export interface Found {
  readonly part: Part
  readonly name: string
}

export interface Scan {
  /** By base. */
  readonly files: Map<string, Found>
  /** Files whose base another one has. */
  readonly duplicates: readonly Found[]
}

/**
 * Look at everything.
 *
 * @param takeNew - whether files of new/ are moved to cur/, as for a mailbox that is open for writing
 * @throws the system's error
 */
export function scan(place: Place, takeNew: boolean): Scan {
  const arrived = namesIn(place, 'new')
  const files = new Map<string, Found>()
  const duplicates: Found[] = []
  const take = (part: Part, name: string): void => {
    const base = baseOf(name)
    if (base === '') return
    const found = { part, name }
    const other = files.get(base)
    if (other === undefined) files.set(base, found)
    else if (other.part === part && other.name === name) return
    else if (!isThere(place, other)) files.set(base, found)
    else if (isThere(place, found)) duplicates.push(found)
  }
  for (const name of arrived) {
    const taken = takeNew ? takeIn(place, name) : undefined
    if (taken === undefined) take('new', name)
    else take('cur', taken)
  }
  for (const name of namesIn(place, 'cur')) take('cur', name)
  return { files, duplicates }
}

/** Whether a file is still where it was seen, and a file. */
export function isThere(place: Place, { part, name }: Found): boolean {
  return lstatSync(place[part].entry(name), { throwIfNoEntry: false })?.isFile() === true
}

/**
 * Move a message from new/ to cur/.
 *
 * @returns its new name, or undefined if it could not be moved: another program was faster, or the disk says no
 */
export function takeIn(place: Place, name: string): string | undefined {
  const taken = name.includes(':2,') ? name : markedName(name, marksOf(name))
  if (isThere(place, { part: 'cur', name: taken })) return undefined // a rename would remove that one
  try {
    renameSync(place.new.entry(name), place.cur.entry(taken))
    return taken
  } catch {
    return undefined
  }
}

function namesIn(place: Place, part: Part): string[] {
  try {
    const entries = readdirSync(place[part].path, { encoding: 'latin1', withFileTypes: true })
    return entries
      .filter((entry) => !entry.name.startsWith('.') && !entry.isDirectory())
      .map((entry) => entry.name)
      .sort()
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return [] // the mailbox was removed while it is open
    throw error
  }
}
