/** control/daily, lines `TIME PROGRAM ARGUMENT ...`, and which of them is due. */
import { readList } from '@yabumi/control'
import { errorText } from '@yabumi/trouble'

export interface Line {
  /** Of the local day. */
  readonly hour: number
  readonly minute: number
  /** The program's name, and its arguments. */
  readonly words: readonly [string, ...string[]]
}

const form = /^([01][0-9]|2[0-3]):([0-5][0-9])[ \t]+([a-z0-9][a-z0-9-]*(?:[ \t]+[!-~]+)*)$/

/**
 * What the file says whenever it is asked for. With a line that is none everything stays as it was.
 *
 * @param log - gets what is wrong, without a program's name, once for each text
 */
export function readLines(log: (line: string) => void): () => readonly Line[] {
  let good: readonly Line[] = []
  let said: string | undefined
  return () => {
    try {
      good = (readList('daily') ?? []).map(lineOf)
      said = undefined
    } catch (error) {
      const problem = errorText(error)
      if (problem !== said) log(problem)
      said = problem
    }
    return good
  }
}

function lineOf(text: string): Line {
  const [, hour, minute, command = ''] = form.exec(text) ?? []
  const [file = '', ...args] = command.split(/[ \t]+/)
  if (file === '') throw new Error(`control/daily: ${JSON.stringify(text)} is not HH:MM PROGRAM; the last good reading counts`)
  return { hour: Number(hour), minute: Number(minute), words: [file, ...args] }
}

/**
 * The line to do now: of those whose moment has passed since they were done, that with the earliest moment.
 *
 * @param runs - when each was done last, by its words, in milliseconds since 1970; who is not there waits
 * @param now - milliseconds since 1970
 */
export function nextDue(lines: readonly Line[], runs: ReadonlyMap<string, number>, now: number): Line | undefined {
  const due = lines.filter((line) => (runs.get(line.words.join(' ')) ?? now) < momentBefore(line, now))
  return due.sort((a, b) => momentBefore(a, now) - momentBefore(b, now))[0]
}

/** The last time that the clock has shown it. */
function momentBefore({ hour, minute }: Line, now: number): number {
  const day = new Date(now)
  const moment = (daysAgo: number): number => new Date(day.getFullYear(), day.getMonth(), day.getDate() - daysAgo, hour, minute).getTime()
  return moment(0) <= now ? moment(0) : moment(1)
}
