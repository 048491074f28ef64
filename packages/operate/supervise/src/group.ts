/** A process group: a program, and all that it has started and that did not leave it. */
import { readdirSync, readFileSync } from 'node:fs'

/** @param group - the process number of its leader, who may have ended */
export function killGroup(group: number): void {
  try {
    process.kill(-group, 'SIGKILL')
  } catch {
    // gone by itself a moment ago
  }
}

/** Whether anybody of it runs. Who has ended and was not waited for, as under an init that waits for nobody, does not. */
export function groupRuns(group: number): boolean {
  try {
    process.kill(-group, 0)
  } catch {
    return false
  }
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name))
  return pids.some((pid) => runsIn(group, pid))
}

function runsIn(group: number, pid: string): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    const [state = '', , processGroup] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return Number(processGroup) === group && !'ZX'.includes(state)
  } catch {
    return false // gone meanwhile
  }
}
