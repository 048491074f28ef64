/** control/programtimeout: how long a user's program may take. */
import { readFileSync } from 'node:fs'
import { complain } from '@yabumi/commandline'
import { homeDirectory } from '@yabumi/home'
import { programSeconds } from '@yabumi/limits'
import { errnoOf } from '@yabumi/trouble'

/** For so long a worker does not look at control/ again. */
const keptMilliseconds = 5_000

let kept = { seconds: 0, readAt: Number.NEGATIVE_INFINITY }
let isBad = false

/** Seconds that a program may take; 0 for any time, as without the file. A line that is no number keeps what counted before, and is named. */
export function programTimeout(): number {
  const now = performance.now()
  if (now - kept.readAt > keptMilliseconds) kept = { seconds: read(), readAt: now }
  return kept.seconds
}

function read(): number {
  let text: string
  try {
    text = readFileSync(`${homeDirectory()}/control/programtimeout`, 'latin1')
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return 0
    return bad('cannot be read')
  }
  const line =
    text
      .replace(/^\xef\xbb\xbf/, '')
      .split('\n', 1)[0]
      ?.trim() ?? ''
  if (!/^[0-9]{1,9}$/.test(line)) return bad('line 1: no number of seconds')
  isBad = false
  return Number(line)
}

/** It guards against programs that never end: where nothing counted before, a new home's time does. */
function bad(problem: string): number {
  const seconds = kept.seconds === 0 ? programSeconds : kept.seconds
  if (!isBad) complain(`local: control/programtimeout ${problem}; ${seconds} seconds count`)
  isBad = true
  return seconds
}
