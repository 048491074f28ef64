/** What a run prints and keeps. */
import { cpus, totalmem } from 'node:os'
import type { Figure, Row, RowResult } from './rows.ts'

/** A row that ran, or why it did not. */
export interface Outcome {
  readonly row: Row
  readonly result?: RowResult
  readonly skipped?: string
}

export function isMet({ value, sense, target }: Figure): boolean {
  return sense === '≥' ? value >= target : value <= target
}

/** A few lines: the row, its figures with their targets, each side. */
export function lineOf({ row, result, skipped }: Outcome): string {
  const head = `\n${row.name} (${row.load})\n`
  if (result === undefined) return `${head}  SKIPPED: ${skipped}\n`
  const figures = result.figures.map((figure) => {
    const spread = figure.spread === undefined ? '' : ` (${number(figure.spread[0])}–${number(figure.spread[1])})`
    const verdict = isMet(figure) ? 'reached' : 'NOT REACHED'
    const of = figure.of === undefined ? '' : ` [${figure.of}]`
    return `  ${figure.what}: ${number(figure.value)}${figure.unit}${spread}${of}, to reach ${figure.sense} ${number(figure.target)}${figure.unit}: ${verdict}\n`
  })
  const sides = (result.paired?.sides ?? []).map((side) => {
    const cells = [
      `${number(side.median)} ${result.unit} (${number(side.lowest)}–${number(side.highest)})`,
      ...(side.cpuSecondsPerThousand > 0 ? [`${number(side.cpuSecondsPerThousand)} CPU s per 1,000`] : []),
      ...(side.loadSecondsPerThousand > 0 ? [`load ${number(side.loadSecondsPerThousand)}`] : []),
      ...(side.peakBytes > 0 ? [`peak ${number(side.peakBytes / 1e6)} MB`] : []),
    ]
    return `    ${side.name.padEnd(8)} ${cells.join(', ')}\n`
  })
  const rounds =
    result.paired === undefined
      ? ''
      : `    ${result.paired.rounds} pairs; CPU × ${result.paired.cpuRatios.map((ratio) => number(ratio.median)).join(', ')}\n`
  return head + figures.join('') + sides.join('') + rounds
}

/** For programs. */
export function summaryOf(outcomes: readonly Outcome[]): unknown {
  const machine = { cores: cpus().length, model: cpus()[0]?.model, memoryBytes: totalmem(), node: process.version }
  const rows = outcomes.map(({ row, result, skipped }) => ({
    name: row.name,
    load: row.load,
    ...(skipped === undefined ? {} : { skipped }),
    unit: result?.unit,
    figures: result?.figures.map((figure) => ({ ...figure, met: isMet(figure) })),
    paired: result?.paired,
  }))
  return { date: new Date().toISOString(), machine, rows }
}

/** Three digits that count. */
export function number(value: number): string {
  if (!Number.isFinite(value)) return String(value)
  return Math.abs(value) >= 100 ? Math.round(value).toLocaleString('en-US') : String(Number(value.toPrecision(3)))
}
