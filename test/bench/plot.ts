/** The ratios of a run as a picture: a bar a figure, and the line to reach. */
import { isMet, number, type Outcome } from './report.ts'

const barHeight = 18
const step = 28
const left = 330
const width = 760
const scale = 90 // pixels for "reached exactly"
const widest = 4 // times the target

/** An SVG document. Each bar is as long as the figure is good: the target is at 1, whatever its unit and sense. */
export function plot(outcomes: readonly Outcome[]): string {
  const figures = outcomes.flatMap(({ row, result }) => (result?.figures ?? []).map((figure) => ({ row, figure })))
  const bars = figures.map(({ row, figure }, index) => {
    const y = 40 + index * step
    const goodness = figure.sense === '≥' ? figure.value / figure.target : figure.target / figure.value
    const length = Math.min(goodness, widest) * scale
    const color = isMet(figure) ? '#3b7d4f' : '#b04a3a'
    const label = `${number(figure.value)}${figure.unit} (${figure.sense} ${number(figure.target)})`
    return `<text x="${left - 8}" y="${y + 13}" text-anchor="end">${row.name}: ${figure.what}</text>
<rect x="${left}" y="${y}" width="${length.toFixed(1)}" height="${barHeight}" fill="${color}"/>
<text x="${(left + length + 6).toFixed(1)}" y="${y + 13}">${label}</text>`
  })
  const height = 60 + figures.length * step
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" font-family="sans-serif" font-size="12">
<title>How far beyond what is to be reached each row came</title><rect width="100%" height="100%" fill="#fff"/>
<text x="${left}" y="20" font-weight="bold">how far beyond what is to be reached (the line)</text>
${bars.join('\n')}
<line x1="${left + scale}" y1="28" x2="${left + scale}" y2="${height - 20}" stroke="#222" stroke-dasharray="4 3"/>
</svg>
`
}
