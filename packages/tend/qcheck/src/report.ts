/** What qcheck says: a line for each finding, or one JSON text for all. */
import { printable } from '@yabumi/printable'
import { kinds } from './finding.ts'
import type { State } from './message.ts'
import type { Outcome } from './repair.ts'

export interface Report {
  /** Absolute path. */
  readonly home: string
  /** How many messages were seen in each state, at the first look. */
  readonly states: Readonly<Record<State, number>>
  readonly findings: readonly Outcome[]
}

/** The findings that are still there. */
export function leftOf({ findings }: Report): number {
  return findings.filter(({ outcome }) => outcome !== 'repaired').length
}

export function jsonOf(report: Report, fix: boolean): string {
  const findings = report.findings.map(({ kind, path, id, text, outcome }) => ({
    name: kind,
    path,
    id: id ?? null,
    text,
    repair: kinds[kind],
    repaired: fix && outcome === 'repaired',
    outcome: fix ? outcome : null,
  }))
  return `${JSON.stringify({ home: report.home, states: report.states, findings, left: leftOf(report) })}\n`
}

export function textOf(report: Report, fix: boolean): string {
  const { S2, S3, S4, S5 } = report.states
  const lines = report.findings.map(({ kind, path, text, outcome }) => {
    const end = fix ? `: ${outcome}` : kinds[kind] === 'never' ? '' : ' (--fix)'
    return `${kind}: ${printable(path, '?')}: ${text}${end}\n`
  })
  const left = leftOf(report)
  const seen = `${S4 + S5} messages, ${S4} of them not yet preprocessed; ${S2 + S3} being received or removed`
  return `${lines.join('')}${seen}; ${left === 0 ? 'nothing' : left} inconsistent\n`
}
