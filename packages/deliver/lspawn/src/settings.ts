/**
 * What control/ says about workers. A line that is no number, or a file that cannot be read, leaves the last good
 * reading and is named in the log.
 */
import { keepUntilChanged, readLine } from '@yabumi/control'
import { localWorkerIdleSeconds, localWorkerSilenceSeconds } from '@yabumi/limits'
import { errorText } from '@yabumi/trouble'
import { memoryForWorkers } from './memory.ts'
import type { WorkerLimits } from './workers.ts'

const names = ['localidle', 'workermemory'] as const
const longestSeconds = 2_147_483 // a longer time does not fit a Node timer

/** The limits as the files have them whenever they are asked for. */
export function limitsFromControl(log: (line: string) => void): WorkerLimits {
  const otherwise = { localidle: localWorkerIdleSeconds, workermemory: memoryForWorkers() }
  const good = { ...otherwise }
  const said = new Map<string, string>()
  const read = (name: (typeof names)[number]): void => {
    let problem = ''
    try {
      const line = readLine(name)
      if (line === undefined) good[name] = otherwise[name]
      else if (/^[0-9]{1,9}$/.test(line)) good[name] = Number(line)
      else problem = `control/${name}:1: not a number; ${good[name]} still counts`
    } catch (error) {
      problem = `${errorText(error)}; ${good[name]} still counts`
    }
    if (problem !== '' && problem !== said.get(name)) log(`lspawn: ${problem}`)
    said.set(name, problem)
  }
  const current = keepUntilChanged(names, () => {
    names.forEach(read)
    return { ...good }
  })
  return {
    silenceSeconds: localWorkerSilenceSeconds,
    get idleSeconds() {
      return Math.min(current().localidle, longestSeconds)
    },
    get megabytes() {
      return current().workermemory
    },
  }
}
