/**
 * When each line was done last, or seen first: `state/daily/runs`, lines `MILLISECONDS WORDS`.
 *
 * Crash   leaves it as it was: what was done then is done once more
 */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { errnoOf, errorText, Trouble } from '@yabumi/trouble'
import type { Line } from './schedule.ts'

const directory = 'state/daily'
const path = `${directory}/runs`

/** @returns by the words of a line. A file that nobody has written so counts as none. @throws Trouble 4.3.0 if it cannot be read */
export function readRuns(): Map<string, number> {
  try {
    const lines = readFileSync(path, 'latin1').split('\n')
    return new Map(
      lines.flatMap((line): [string, number][] => {
        const [, time, words] = /^([0-9]{1,15}) (.+)$/.exec(line) ?? []
        return words === undefined ? [] : [[words, Number(time)]]
      }),
    )
  } catch (cause) {
    if (errnoOf(cause) === 'ENOENT') return new Map()
    throw new Trouble('4.3.0', `unable to read ${path}: ${errorText(cause)}`, { cause })
  }
}

/** @param lines - of others nothing is kept. @throws Trouble 4.3.0 if it cannot be written */
export function writeRuns(runs: ReadonlyMap<string, number>, lines: readonly Line[]): void {
  const known = new Set(lines.map(({ words }) => words.join(' ')))
  const text = [...runs].flatMap(([words, time]) => (known.has(words) ? [`${time} ${words}\n`] : [])).join('')
  try {
    mkdirSync(directory, { recursive: true, mode: 0o755 })
    writeFileSync(`${path}.new`, text)
    renameSync(`${path}.new`, path)
  } catch (cause) {
    throw new Trouble('4.3.0', `unable to write ${path}: ${errorText(cause)}`, { cause })
  }
}
