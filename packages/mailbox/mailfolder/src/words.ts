/** Flags as clients see them. */
import { flagBits } from './filename.ts'
import type { Folder } from './folder.ts'
import type { Marks } from './ghosts.ts'

const systemWords: readonly (readonly [number, string])[] = [
  [flagBits.answered, '\\Answered'],
  [flagBits.flagged, '\\Flagged'],
  [flagBits.deleted, '\\Deleted'],
  [flagBits.seen, '\\Seen'],
  [flagBits.draft, '\\Draft'],
]

/** System flags, in the order in which they are shown: `\Answered \Flagged \Deleted \Seen \Draft`. */
export function systemFlagWords(flags: number): string[] {
  return systemWords.filter(([bit]) => (flags & bit) !== 0).map(([, word]) => word)
}

/** The bit of a system flag, whatever its case; 0 if it is none. */
export function systemFlagBit(word: string): number {
  const lower = word.toLowerCase()
  return systemWords.find(([, each]) => each.toLowerCase() === lower)?.[0] ?? 0
}

interface Texts {
  readonly version: number
  readonly byBits: Map<string, string>
}

const texts = new WeakMap<Folder, Texts>()

/** Flags and keywords of a message, one blank between them. Few mailboxes have many different ones, so they are made once. */
export function flagText(folder: Folder, marks: Marks): string {
  const { letters } = folder
  let known = texts.get(folder)
  if (known?.version !== letters.version) {
    known = { version: letters.version, byBits: new Map() }
    texts.set(folder, known)
  }
  const key = `${marks.flags} ${marks.keywords} ${marks.further}`
  let text = known.byBits.get(key)
  if (text === undefined) {
    text = [...systemFlagWords(marks.flags), ...keywordNames(folder, marks)].join(' ')
    if (known.byBits.size < mostTexts) known.byBits.set(key, text)
  }
  return text
}

const mostTexts = 1_000

/** Names of the keywords of a message. */
export function keywordNames({ letters, further }: Folder, marks: Marks): string[] {
  const named = namesOf(marks.keywords, (bit) => letters.names[bit] ?? `unknown-${bit}`)
  return [...named, ...namesOf(marks.further, (bit) => further[bit] ?? `unknown-further-${bit}`)]
}

/** Every keyword of the mailbox: those with a name, and letters that files carry without one. */
export function allKeywords({ table, letters, further }: Folder): string[] {
  let inUse = 0
  for (let index = 0; index < table.count; index += 1) inUse |= table.get('keywords', index)
  const named = Array.from({ length: 26 }, (_, bit) => letters.names[bit] ?? ((inUse & (1 << bit)) !== 0 ? `unknown-${bit}` : undefined))
  return [...named.filter((name) => name !== undefined), ...further]
}

function namesOf(bits: number, nameOf: (bit: number) => string): string[] {
  const names: string[] = []
  for (let bit = 0; bit < 32; bit += 1) if ((bits & (1 << bit)) !== 0) names.push(nameOf(bit))
  return names
}
