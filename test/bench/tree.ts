/** What a system costs: processor time and memory of a process and of everything below it, from /proc. */
import { readdirSync, readFileSync } from 'node:fs'

const ticksPerSecond = 100 // USER_HZ of every Linux

interface Stat {
  readonly parent: number
  /** Own time and that of children that have been waited for, in seconds. */
  readonly cpuSeconds: number
}

function statOf(pid: string): Stat | undefined {
  const text = read(`/proc/${pid}/stat`)
  if (text === '') return undefined
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  const ticks = [11, 12, 13, 14].reduce((sum, index) => sum + Number(fields[index]), 0)
  return { parent: Number(fields[1]), cpuSeconds: ticks / ticksPerSecond }
}

function tree(root: number): Map<number, Stat> {
  const all = new Map<number, Stat>()
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue
    const stat = statOf(name)
    if (stat !== undefined) all.set(Number(name), stat)
  }
  const belongs = (pid: number): boolean => pid === root || (all.has(pid) && pid > 1 && belongs(all.get(pid)?.parent ?? 0))
  return new Map([...all].filter(([pid]) => belongs(pid)))
}

/** Seconds of processor time that the tree has used so far, of processes that have ended too. */
export function cpuSeconds(root: number): number {
  return [...tree(root).values()].reduce((sum, stat) => sum + stat.cpuSeconds, 0)
}

/** Proportional set size of one process in bytes. */
export function pssOf(pid: number): number {
  return 1024 * Number(/^Pss:\s+(\d+) kB$/m.exec(read(`/proc/${pid}/smaps_rollup`))?.[1] ?? 0)
}

/** Proportional set size of the whole tree in bytes: what it would free by ending. */
export function pss(root: number): number {
  return [...tree(root).keys()].reduce((sum, pid) => sum + pssOf(pid), 0)
}

function read(path: string): string {
  try {
    return readFileSync(path, 'latin1')
  } catch {
    return '' // gone meanwhile
  }
}
