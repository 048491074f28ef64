/** control/programtimeout: how long a user's program may take. */
import { programSeconds } from '@yabumi/limits'
import { KeptNumber } from './keptnumber.ts'

/** It guards against programs that never end: where nothing counted before a bad line, a new home's time does. */
const timeout = new KeptNumber({
  name: 'programtimeout',
  form: /^[0-9]{1,9}$/,
  problem: 'no number of seconds',
  instead: (kept) => (kept === 0 ? programSeconds : kept),
  words: (seconds) => `${seconds} seconds count`,
})

/** Seconds that a program may take; 0 for any time, as without the file. */
export function programTimeout(): number {
  return timeout.value
}
