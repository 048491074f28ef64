/** The states that a message may be in (INTERNALS.md §1), as a check of a tree. */
import type { Tree } from './disk.ts'

const places = ['mess', 'intd', 'todo', 'info', 'local', 'remote', 'bounce'] as const
type Place = (typeof places)[number]

/** Which of its files each message has. */
export function messagesIn(tree: Iterable<string>): Map<string, Set<Place>> {
  const messages = new Map<string, Set<Place>>()
  for (const path of tree) {
    const [, place, number] = /^queue\/(mess|intd|todo|info|local|remote|bounce)\/(?:\d+\/)?(\d+)$/.exec(path) ?? []
    if (place === undefined || number === undefined) continue
    messages.set(number, (messages.get(number) ?? new Set()).add(place as Place))
  }
  return messages
}

/** `+` must be there, `-` must not, `?` may; in the order of `places`. */
const table = { S2: '+------', S3: '++-----', S4: '+?+???-', S5: '+--+???' } as const

/** The state that these files are; undefined if none. */
export function stateOf(files: ReadonlySet<Place>): keyof typeof table | undefined {
  const fits = (pattern: string): boolean =>
    places.every((place, index) => pattern[index] === '?' || files.has(place) === (pattern[index] === '+'))
  return (Object.keys(table) as (keyof typeof table)[]).find((name) => fits(table[name]))
}

/** Messages that are in no state of the table, in words: `457 has todo without mess`. */
export function outsideTable(tree: Tree): Map<string, string> {
  const outside = new Map<string, string>()
  for (const [number, files] of messagesIn(tree.keys())) {
    if (stateOf(files) === undefined) outside.set(number, `message ${number} has ${[...files].join(', ')} and nothing else`)
  }
  return outside
}
