/** Blocks as man(7) requests. */
import type { Block } from './blocks.ts'
import { filled, inline, literal, type Reference, verbatim } from './roff.ts'

const blockIndent = '.RS 4'

/** The requests for a block other than a heading. */
export function requestsFor(block: Exclude<Block, { kind: 'heading' }>, reference: Reference): string[] {
  switch (block.kind) {
    case 'paragraph':
      return ['.PP', ...filled(inline(block.text, reference))]
    case 'code':
      return ['.PP', blockIndent, ...verbatim(block.lines), '.RE']
    case 'list':
      return block.items.flatMap((item, index) => [
        block.ordered ? `.IP ${index + 1}. 4` : '.IP \\(bu 2',
        ...filled(inline(item, reference)),
      ])
    case 'table':
      return tableRequests(block.header, block.rows, reference)
  }
}

/** A section's title, in capitals. */
export function sectionRequest(title: string): string {
  return `.SH ${macroArgument(plain(title).toUpperCase())}`
}

export function subsectionRequest(title: string): string {
  return `.SS ${macroArgument(plain(title))}`
}

function macroArgument(text: string): string {
  return /^[A-Za-z0-9]+$/.test(text) ? text : `"${literal(text)}"`
}

/** Without inline marks. */
export function plain(text: string): string {
  return text.replace(/\[([^\]]+)\]\([^)]*\)/g, '$1').replace(/\*\*|`/g, '')
}

/** A list: the first cell of a row, and below it the others, by name if there are several. A table twice as wide stands below itself. */
function tableRequests(header: readonly string[], rows: readonly (readonly string[])[], reference: Reference): string[] {
  const half = header.length / 2
  if (header.length > 2 && header.slice(0, half).join('|') === header.slice(half).join('|')) {
    const halves = [rows.map((row) => row.slice(0, half)), rows.map((row) => row.slice(half))].flat()
    return tableRequests(header.slice(0, half), halves, reference)
  }
  const out: string[] = []
  for (const [first = '', ...others] of rows.filter((row) => row.some((cell) => cell !== ''))) {
    const cells = others.flatMap((cell, index) => {
      const name = header[index + 1] ?? ''
      if (cell === '') return []
      const label = others.length > 1 && name !== '' ? `\\fI${inline(name, reference).replace(/\\f[BR]/g, '')}:\\fR ` : ''
      return [`${label}${inline(cell, reference)}`]
    })
    const below = cells.flatMap((cell, index) => [...(index > 0 ? ['.br'] : []), ...filled(cell)])
    out.push(...item(filled(inline(first, reference)), below))
  }
  return out
}

/** The tag of .TP is one line. */
function item(tag: readonly string[], below: readonly string[]): string[] {
  return tag.length === 1 ? ['.TP', ...tag, ...below] : ['.PP', ...tag, '.RS 7', ...below, '.RE']
}
