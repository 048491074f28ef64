/** The wings as a picture: each above those that it looks into. */
import { foundations, type Wing } from './wings.ts'

const size = { width: 130, height: 44, across: 26, down: 56, margin: 20 }

/** SVG. Strong lines lead to the nearest wings, thin ones to those that a strong line's end looks into as well. */
export function picture(wings: readonly Wing[]): string {
  const above = wings.filter(({ name }) => !foundations.includes(name))
  const sight = new Map(above.map((wing) => [wing.name, looksInto(wing)]))
  const rows = rowsOf(sight)
  const widest = Math.max(...rows.map((row) => row.length))
  const width = 2 * size.margin + widest * (size.width + size.across) - size.across
  const height = 2 * size.margin + (rows.length + 1) * (size.height + size.down) - size.down
  const place = new Map<string, [x: number, y: number]>()
  for (const [at, row] of [...rows].reverse().entries()) {
    const left = (width - row.length * (size.width + size.across) + size.across) / 2
    for (const [index, name] of row.entries())
      place.set(name, [left + index * (size.width + size.across), size.margin + at * (size.height + size.down)])
  }
  const line = (from: string, to: string): string => {
    const [[x1, y1], [x2, y2]] = [place.get(from) ?? [0, 0], place.get(to) ?? [0, 0]]
    const strong = ![...(sight.get(from) ?? [])].some((other) => reaches(sight, other, to))
    const [startX, startY, endX] = [x1 + size.width / 2, y1 + size.height, x2 + size.width / 2]
    const bend = (y2 - startY) / 2
    const style = strong ? 'stroke="#333" marker-end="url(#end)"' : 'stroke="#bbb" stroke-width="0.7"'
    return `<path d="M${startX} ${startY}C${startX} ${startY + bend} ${endX} ${y2 - bend} ${endX} ${y2 - 2}" fill="none" ${style}/>`
  }
  const lines = [...sight].flatMap(([from, looked]) => [...looked].map((to) => line(from, to)))
  const ground = size.margin + rows.length * (size.height + size.down)
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="14" text-anchor="middle">`,
    '<title>The wings, each above those that it looks into</title>',
    '<defs><marker id="end" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" orient="auto"><path d="M0 0L8 4L0 8z" fill="#333"/></marker></defs>',
    `<rect width="${width}" height="${height}" fill="#fff"/>`,
    ...lines.sort((a, b) => Number(a.includes('marker')) - Number(b.includes('marker'))),
    ...[...place].map(([name, [x, y]]) => box(name, x, y, size.width)),
    box(foundations.join(', '), size.margin, ground, width - 2 * size.margin),
    '</svg>',
  ].join('\n')}\n`
}

function looksInto({ looksInto }: Wing): Set<string> {
  return new Set(looksInto.map((what) => what.split('/')[0] ?? what))
}

function reaches(sight: ReadonlyMap<string, ReadonlySet<string>>, from: string, to: string): boolean {
  const next = sight.get(from) ?? new Set()
  return from !== to && (next.has(to) || [...next].some((name) => reaches(sight, name, to)))
}

/** Those that look into nobody first, then each one row above the highest that it looks into. */
function rowsOf(sight: ReadonlyMap<string, ReadonlySet<string>>): string[][] {
  const row = (name: string): number => Math.max(-1, ...[...(sight.get(name) ?? [])].map(row)) + 1
  const rows: string[][] = []
  for (const name of sight.keys()) {
    const at = row(name)
    while (rows.length <= at) rows.push([])
    rows[at]?.push(name)
  }
  return rows
}

function box(name: string, x: number, y: number, width: number): string {
  const middle = `x="${x + width / 2}" y="${y + size.height / 2 + 5}"`
  return `<rect x="${x}" y="${y}" width="${width}" height="${size.height}" rx="6" fill="#f4f1e8" stroke="#333"/><text ${middle}>${name}</text>`
}
