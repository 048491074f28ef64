/** The blocks that a README consists of. Inline marks are left in the texts. */

export type Block =
  | { readonly kind: 'heading'; readonly level: number; readonly text: string }
  | { readonly kind: 'paragraph'; readonly text: string }
  | { readonly kind: 'code'; readonly lines: readonly string[] }
  | { readonly kind: 'list'; readonly ordered: boolean; readonly items: readonly string[] }
  | { readonly kind: 'table'; readonly header: readonly string[]; readonly rows: readonly (readonly string[])[] }

const heading = /^(#{1,6}) +(.*?) *#*$/
const bullet = /^([-*+]|\d+[.)]) +/
const fence = /^(```|~~~)/

/** Every block, in order. Lines that fit nothing are paragraphs. */
export function blocksOf(markdown: string): Block[] {
  const lines = markdown.replaceAll('\r', '').split('\n')
  const blocks: Block[] = []
  let at = 0
  while (at < lines.length) {
    const line = lines[at] as string
    const next = line.trim() === '' ? at + 1 : takeBlock(lines, at, blocks)
    at = Math.max(next, at + 1)
  }
  return blocks
}

/** @returns the line behind the block that begins at `at` */
function takeBlock(lines: readonly string[], at: number, blocks: Block[]): number {
  const line = lines[at] as string
  const title = heading.exec(line)
  if (title !== null) {
    blocks.push({ kind: 'heading', level: title[1]?.length ?? 1, text: title[2] ?? '' })
    return at + 1
  }
  if (fence.test(line)) return takeFenced(lines, at, blocks)
  if (line.startsWith('    ')) return takeIndented(lines, at, blocks)
  if (line.startsWith('|')) return takeTable(lines, at, blocks)
  if (bullet.test(line)) return takeList(lines, at, blocks)
  return takeParagraph(lines, at, blocks)
}

function takeFenced(lines: readonly string[], at: number, blocks: Block[]): number {
  let end = at + 1
  while (end < lines.length && !fence.test(lines[end] as string)) end += 1
  blocks.push({ kind: 'code', lines: lines.slice(at + 1, end) })
  return end + 1
}

function takeIndented(lines: readonly string[], at: number, blocks: Block[]): number {
  let end = at
  while (/^ {4}.*\S/.test(lines[end] ?? '')) end += 1
  blocks.push({ kind: 'code', lines: lines.slice(at, end).map((line) => line.slice(4).trimEnd()) })
  return end
}

function takeTable(lines: readonly string[], at: number, blocks: Block[]): number {
  let end = at
  while (end < lines.length && (lines[end] as string).startsWith('|')) end += 1
  const [header = [], ...rows] = lines.slice(at, end).map(cellsOf)
  blocks.push({ kind: 'table', header, rows: rows.filter((row) => !row.every((cell) => /^:?-+:?$/.test(cell))) })
  return end
}

/** A backslash keeps a bar inside its cell. */
function cellsOf(line: string): string[] {
  const inner = line.trim().replace(/^\|/, '').replace(/\|$/, '')
  return inner.split(/(?<!\\)\|/).map((cell) => cell.trim().replaceAll('\\|', '|'))
}

function takeList(lines: readonly string[], at: number, blocks: Block[]): number {
  const items: string[] = []
  let end = at
  for (; end < lines.length; end += 1) {
    const line = lines[end] as string
    if (bullet.test(line)) items.push(line.replace(bullet, ''))
    else if (/^ +\S/.test(line)) items.push(`${items.pop() ?? ''} ${line.trim()}`)
    else break
  }
  blocks.push({ kind: 'list', ordered: /^\d/.test(lines[at] as string), items })
  return end
}

function takeParagraph(lines: readonly string[], at: number, blocks: Block[]): number {
  let end = at + 1
  while (end < lines.length && continuesParagraph(lines[end] as string)) end += 1
  blocks.push({
    kind: 'paragraph',
    text: lines
      .slice(at, end)
      .map((line) => line.trim())
      .join(' '),
  })
  return end
}

function continuesParagraph(line: string): boolean {
  return line.trim() !== '' && !heading.test(line) && !fence.test(line) && !line.startsWith('|') && !/^[-*+] +/.test(line)
}
