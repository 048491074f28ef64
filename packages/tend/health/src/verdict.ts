/** Facts against bounds: what is wrong, how bad it is, and the figures. */
import type { Facts } from './facts.ts'

/** Exit codes of plugins (Monitoring Plugins Development Guidelines, "Plugin Return Codes"). */
export type Level = 0 | 1 | 2 | 3
export const levelNames = ['OK', 'WARNING', 'CRITICAL', 'UNKNOWN'] as const

/** From which value on there is a warning, and from which it is critical. */
export type Bounds = readonly [warning: number, critical: number]

export interface AllBounds {
  readonly messages: Bounds
  /** Seconds. */
  readonly oldest: Bounds
  /** Seconds. */
  readonly waiting: Bounds
  /** Percent, at most. */
  readonly room: Bounds
  /** Days, at most. */
  readonly certificate: Bounds
}

interface Finding {
  readonly level: Level
  readonly sentence: string
}

export interface Verdict {
  readonly level: Level
  /** Without its end. */
  readonly line: string
}

const day = 86_400

/** @param now - seconds since 1970 */
export function verdictOf(facts: Facts, bounds: AllBounds, now: number): Verdict {
  const age = (time: number | undefined): number => Math.max(0, now - (time ?? now))
  const [oldest, waiting] = [age(facts.oldest), age(facts.waiting)]
  const ends = facts.certificates.flatMap(({ path, expires }) =>
    expires === undefined ? [] : [{ path, days: Math.floor(expires / 1000 / day - now / day) }],
  )
  const findings: Finding[] = [
    ...(facts.sendRuns ? [] : [{ level: 2, sentence: 'send does not run' } as const]),
    ...(facts.queueAnswers ? [] : [{ level: 2, sentence: 'queue takes no mail' } as const]),
    { level: above(facts.messages, bounds.messages), sentence: `${facts.messages} messages are in the queue` },
    { level: above(oldest, bounds.oldest), sentence: `the oldest message came ${span(oldest)} ago` },
    { level: above(waiting, bounds.waiting), sentence: `send has not taken up a message of ${span(waiting)} ago` },
    { level: below(facts.room, bounds.room), sentence: `${percent(facts.room)} % of the queue's disk are free` },
    ...ends.map(({ path, days }) => ({
      level: below(days, bounds.certificate),
      sentence: days < 0 ? `${path} has expired` : `${path} ends in ${days} days`,
    })),
    ...facts.certificates.flatMap(({ path, trouble }) =>
      trouble === undefined ? [] : [{ level: 1, sentence: `${path}: ${trouble}` } as const],
    ),
  ]
  const level = Math.max(...findings.map((finding) => finding.level)) as Level
  const wrong = findings.filter((finding) => finding.level > 0).sort((a, b) => b.level - a.level)
  const well = `${facts.messages} messages${facts.oldest === undefined ? '' : `, the oldest of ${span(oldest)}`}`
  const figures = [
    figure('messages', facts.messages, '', bounds.messages),
    figure('oldest', oldest, 's', bounds.oldest),
    figure('waiting', waiting, 's', bounds.waiting),
    figure('room', percent(facts.room), '%', bounds.room, ':'),
    ...(ends.length === 0 ? [] : [figure('certificate', Math.min(...ends.map(({ days }) => days)), 'd', bounds.certificate, ':')]),
  ]
  const said = wrong.length === 0 ? well : wrong.map(({ sentence }) => sentence).join('; ')
  return { level, line: `${levelNames[level]}: ${said} | ${figures.join(' ')}` }
}

function above(value: number, [warning, critical]: Bounds): Level {
  return value >= critical ? 2 : value >= warning ? 1 : 0
}

function below(value: number, [warning, critical]: Bounds): Level {
  return value <= critical ? 2 : value <= warning ? 1 : 0
}

/** @param colon - after a bound where less is worse (same guidelines, "Threshold and Ranges") */
function figure(name: string, value: number, unit: string, [warning, critical]: Bounds, colon = ''): string {
  return `${name}=${value}${unit};${warning}${colon};${critical}${colon};0`
}

function percent(value: number): number {
  return Math.round(value * 10) / 10
}

/** The largest unit of which there are two or more. */
function span(seconds: number): string {
  for (const [name, length] of [
    ['days', day],
    ['hours', 3600],
    ['minutes', 60],
  ] as const)
    if (seconds >= 2 * length) return `${Math.floor(seconds / length)} ${name}`
  return `${seconds} seconds`
}
