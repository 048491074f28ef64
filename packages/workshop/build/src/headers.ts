/** Hold the comment that a source begins with to what pages are held to. */
import { lineProblems, sentenceProblems } from './prose.ts'

/** Every breach, one line each: `file:line: what`; or that the source does not begin with a comment. */
export function headerProblems(file: string, source: string): string[] {
  const header = /^(#!.*\n)?\s*\/\*\*[\s\S]*?\*\//.exec(source)?.[0]
  if (header === undefined) return [`${file}: begins without a comment that says what it promises`]
  const lines = header.split('\n')
  return [...lineProblems(file, lines), ...sentenceProblems(file, lines.map(asMarkdown).join('\n'))]
}

/** A line without its marks. One with a word in front, such as *Crash*, begins an item. */
function asMarkdown(line: string): string {
  const text = line
    .replace(/^#!.*|^\s*(\/\*\*|\*(?!\/)) ?/, '')
    .replace(/\*\/$/, '')
    .trimEnd()
  return /^[A-Z][A-Za-z]+ {2,}/.test(text) ? `- ${text}` : text
}
