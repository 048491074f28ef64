/**
 * Hold Markdown pages to the house's English: sentences a reader need not take twice, and lines that fit a terminal.
 *
 * What is in code, tables and headings is not prose; each item of a list is a paragraph of its own.
 */
export const longestSentence = 25 // words
export const longestLine = 120 // columns

/** Words that have a plainer one. */
const plainer: Readonly<Record<string, string>> = { behind: 'after', mostly: 'usually' }

interface Paragraph {
  readonly line: number
  readonly text: string
}

/** Every breach in a page, one line each: `page:line: what`. */
export function proseProblems(page: string, markdown: string): string[] {
  return [...lineProblems(page, withoutCode(markdown.split('\n'))), ...sentenceProblems(page, markdown)]
}

/** The lines that are too long. */
export function lineProblems(page: string, lines: readonly string[]): string[] {
  return lines.flatMap((line, index) =>
    line.length > longestLine && canWrap(line) ? [`${page}:${index + 1}: ${line.length} columns, more than ${longestLine}`] : [],
  )
}

/** The sentences that are too long, and the words that have a plainer one. */
export function sentenceProblems(page: string, markdown: string): string[] {
  return paragraphs(withoutCode(markdown.split('\n'))).flatMap(({ line, text }) => [
    ...sentences(text).flatMap((sentence) => {
      const words = sentence.split(' ').length
      return words > longestSentence ? [`${page}:${line}: a sentence of ${words} words: ${sentence.slice(0, 60)} …`] : []
    }),
    ...Object.entries(plainer).flatMap(([word, better]) =>
      new RegExp(`\\b${word}\\b`, 'i').test(text) ? [`${page}:${line}: say "${better}", not "${word}"`] : [],
    ),
  ])
}

/** The lines with code made empty: what is fenced, and what stands indented after an empty line. */
function withoutCode(lines: readonly string[]): string[] {
  let isFenced = false
  let mayBeIndented = true
  return lines.map((line) => {
    const isFence = /^\s*(```|~~~)/.test(line)
    if (isFence) isFenced = !isFenced
    const isIndented = mayBeIndented && /^ {4}/.test(line)
    mayBeIndented = isIndented || line.trim() === ''
    return isFenced || isFence || isIndented ? '' : line
  })
}

/** A line that is one word, or a link by itself, is as long as it is. */
function canWrap(line: string): boolean {
  return /\S\s+\S/.test(line.replace(/^\s*([-*]|\d+\.)\s+/, '').replace(/^\[[^\]]*\]:.*/, ''))
}

function paragraphs(lines: readonly string[]): Paragraph[] {
  const found: { line: number; text: string }[] = []
  let isOpen = false
  for (const [index, line] of lines.entries()) {
    const isItem = /^\s*([-*]|\d+\.)\s/.test(line)
    if (/^\s*$|^\s*[|#<]|^\s*[-*_]{3,}\s*$|^\s*\[[^\]]+\]:/.test(line)) {
      isOpen = false
      continue
    }
    const last = found.at(-1)
    if (isOpen && !isItem && last !== undefined) last.text += ` ${line.trim()}`
    else found.push({ line: index + 1, text: line.replace(/^\s*([-*]|\d+\.)\s+/, '').trim() })
    isOpen = true
  }
  return found.map(({ line, text }) => ({ line, text: plainText(text) }))
}

/** Three links or more in a row, without a word between them: a list of names. */
const linkRow = /(?:\[[^\]]*\]\([^)]*\)(?:\s+|$)){3,}/g

/** What is between marks of code is one word, as is a row of links; another link is its text. */
function plainText(paragraph: string): string {
  return paragraph
    .replace(/``.+?``|`[^`]*`/g, 'code')
    .replace(linkRow, 'links ')
    .replace(/!?\[([^\]]*)\]\([^)]*\)/g, '$1')
}

function sentences(paragraph: string): string[] {
  return paragraph
    .replace(/\b(e\.g|i\.e|etc|cf|vs)\./g, '$1')
    .split(/(?<=[.!?][)"”’*]*)\s+/)
    .map((sentence) =>
      sentence
        .split(/\s+/)
        .filter((word) => /[\p{L}\p{N}]/u.test(word))
        .join(' '),
    )
    .filter((sentence) => sentence !== '')
}
