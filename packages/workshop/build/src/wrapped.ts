/** Lines of a page, for what is made by programs. */
import { longestLine } from './prose.ts'

/** In lines of at most `longestLine`. @param margin - before each line but the first; that of an item for an item */
export function wrapped(text: string, margin: string = text.startsWith('- ') ? '  ' : ''): string {
  const lines: string[] = []
  for (const word of text.split(' ')) {
    const last = lines.at(-1)
    if (last !== undefined && `${last} ${word}`.length <= longestLine) lines[lines.length - 1] = `${last} ${word}`
    else lines.push(last === undefined ? word : margin + word)
  }
  return lines.join('\n')
}
