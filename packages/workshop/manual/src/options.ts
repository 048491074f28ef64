/** The options that a README names. */
import { callOf, synopsisLines } from './page.ts'

/** Words as they stand there: `--listen`, `-nN`. */
export interface Options {
  /** In the synopsis, as this program's own. */
  readonly synopsis: ReadonlySet<string>
  /** Anywhere in code, of whatever program. */
  readonly anywhere: ReadonlySet<string>
}

const option = /(?<![\w-])(--[A-Za-z][\w-]*|-[A-Za-z/]+)(?![\w-])/g

/** @param name - the program's */
export function optionsOf(markdown: string, name: string): Options {
  const call = callOf(name)
  const synopsis = synopsisLines(markdown, name).filter((line) => call.test(line) || /^ {4}/.test(line))
  const spans = [...markdown.matchAll(/`([^`]+)`/g)].map((match) => match[1] ?? '')
  return { synopsis: optionsIn(synopsis), anywhere: optionsIn([...synopsis, ...spans]) }
}

function optionsIn(texts: readonly string[]): Set<string> {
  return new Set(texts.flatMap((text) => [...text.matchAll(option)].map(([word]) => word)))
}

/**
 * The single options of a word: `-nN` is `-n` and `-N`, but `-bs` is `-b` if that takes an argument.
 *
 * @param letters - as for getopt(3): a colon behind a letter that takes an argument
 */
export function singleOptions(word: string, letters: string): string[] {
  if (word.startsWith('--')) return [word]
  const found: string[] = []
  for (const letter of word.slice(1)) {
    found.push(`-${letter}`)
    if (letters[letters.indexOf(letter) + 1] === ':') break
  }
  return found
}
