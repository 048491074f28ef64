/** What may stand after a program's name, read from its synopsis. */

/** What a word in capitals stands for. */
export type Kind = 'file' | 'directory' | 'command' | 'other'

export interface Option {
  /** `--zone`, `-n`. */
  readonly name: string
  /** What follows it; undefined if nothing does. */
  readonly argument: Kind | undefined
  readonly isRepeated: boolean
}

export interface Grammar {
  readonly name: string
  /** A sentence without its end. */
  readonly about: string
  readonly options: readonly Option[]
  /** What the first argument may be, where it is one of some words. */
  readonly firstWords: readonly string[]
  /** What else the arguments are: each kind once. */
  readonly arguments: readonly Kind[]
}

const kinds: readonly [pattern: RegExp, kind: Kind][] = [
  [/FILE|MBOX|LOG/, 'file'],
  [/DIR|MAILDIR|HOME/, 'directory'],
  [/PROGRAM|COMMAND/, 'command'],
]

function kindOf(word: string): Kind {
  return kinds.find(([pattern]) => pattern.test(word))?.[1] ?? 'other'
}

/** @param lines - of the synopsis: a call each, or the end of the one above, which then begins with blanks */
export function grammarOf(name: string, about: string, lines: readonly string[]): Grammar {
  const options = new Map<string, Option>()
  const firstWords = new Set<string>()
  const found = new Set<Kind>()
  for (const words of callsOf(name, lines)) {
    const first = words[0] ?? ''
    const choices = /^[a-z][a-z0-9|-]*$/.test(first) ? first.split('|') : []
    for (const word of choices) firstWords.add(word)
    for (const word of takeOptions(words.slice(choices.length > 0 ? 1 : 0), options)) found.add(kindOf(word))
  }
  return { name, about, options: [...options.values()], firstWords: [...firstWords], arguments: [...found] }
}

/** The words of each call, brackets apart, up to where it reads or writes something. */
function callsOf(name: string, lines: readonly string[]): string[][] {
  const calls: string[] = []
  for (const line of lines) {
    if (/^\s/.test(line) && calls.length > 0) calls.push(`${calls.pop()} ${line.trim()}`)
    else if (line.startsWith(`${name} `)) calls.push(line.slice(name.length + 1))
  }
  return calls.map((call) =>
    (call.split(/ [<>|] /, 1)[0] as string)
      .replace(/[[\]']/g, ' $& ')
      .split(' ')
      .filter((word) => word !== ''),
  )
}

/** Puts the options of a call into the map. @returns its other words in capitals */
function takeOptions(words: readonly string[], options: Map<string, Option>): string[] {
  const others: string[] = []
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] as string
    if (/^--[a-z]/.test(word)) {
      const argument = /^[A-Z]/.test(words[at + 1] ?? '') ? kindOf(words[at + 1] as string) : undefined
      if (argument !== undefined) at += 1
      const isRepeated = words[at + 1] === ']' && words[at + 2]?.startsWith('...') === true
      options.set(word, { name: word, argument, isRepeated })
    } else if (/^[A-Z]/.test(word)) others.push(word)
  }
  return others
}
