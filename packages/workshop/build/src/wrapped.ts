/** Lines of a page, for what is made by programs. */
import { longestLine } from './prose.ts'

/** In lines of at most `longestLine`, those after the first indented as an item's. */
export function wrapped(text: string): string {
  const lines: string[] = []
  for (const word of text.split(' ')) {
    const last = lines.at(-1)
    if (last !== undefined && `${last} ${word}`.length <= longestLine) lines[lines.length - 1] = `${last} ${word}`
    else lines.push(last !== undefined && text.startsWith('- ') ? `  ${word}` : word)
  }
  return lines.join('\n')
}
