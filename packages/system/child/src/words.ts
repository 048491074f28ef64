/** Words for another program, as bytes. */
import { isUtf8 } from 'node:buffer'

/** Byte strings, as everywhere. `file` is searched for in PATH if it holds no slash. */
export interface Program {
  readonly file: string
  readonly args: readonly string[]
  /** The whole environment of the child. */
  readonly env: Iterable<readonly [name: string, value: string]>
}

const ascii = /^[\0-\x7f]*$/

/** The word as Node, which writes words as UTF-8, hands it over byte for byte; undefined if its bytes are no UTF-8. */
export function asText(word: string): string | undefined {
  if (ascii.test(word)) return word
  const bytes = Buffer.from(word, 'latin1')
  return isUtf8(bytes) ? bytes.toString('utf8') : undefined
}

/** All of them as asText, or undefined if one has none. */
export function asTexts(words: readonly string[]): string[] | undefined {
  const texts = words.map(asText)
  return texts.every((text) => text !== undefined) ? texts : undefined
}

/** An environment for Node, and the variables whose values are no UTF-8. */
export function splitEnvironment(env: Program['env']): { plain: Record<string, string>; strange: [string, string][] } {
  const plain: Record<string, string> = {}
  const strange: [string, string][] = []
  for (const [name, value] of env) {
    const text = asText(value)
    if (text === undefined) strange.push([name, value])
    else plain[name] = text
  }
  return { plain, strange }
}

/** Shell text that becomes the program and holds nothing but its own words, names of variables and octal digits. */
export function decoder(program: Program, strange: readonly (readonly [string, string])[]): string {
  const lines = ['set --']
  for (const word of [program.file, ...program.args]) lines.push(`x=$(printf '${octal(word)}.'); set -- "$@" "\${x%.}"`)
  for (const [name, value] of strange) {
    if (/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) lines.push(`x=$(printf '${octal(value)}.'); ${name}=\${x%.}; export ${name}`)
  }
  return `${lines.join('\n')}\nunset x; exec "$@"`
}

function octal(bytes: string): string {
  let digits = ''
  for (const byte of Buffer.from(bytes, 'latin1')) digits += `\\${byte.toString(8).padStart(3, '0')}`
  return digits
}
