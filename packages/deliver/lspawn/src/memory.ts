/** Memory, as the kernel counts it. */
import { readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { totalmem } from 'node:os'
import { workerMemoryMegabytes } from '@yabumi/limits'

const megabyte = 1_048_576
const shareOfAll = 8
/** Of all memory available, in percent, and of ten seconds that somebody had to wait for some (PSI): beyond these it is short. */
const leastAvailable = 5
const mostWaiting = 10

/** How much all workers may have: what is there for it, where it is much. A worker that is kept saves its user's next message 40 ms of processor time. */
export function memoryForWorkers(): number {
  return Math.max(workerMemoryMegabytes, Math.floor(totalmem() / megabyte / shareOfAll))
}

/** What a process has in MB, its share of what it shares with others included (PSS); undefined if it is gone, or may not be looked at. */
export async function memoryOf(pid: number): Promise<number | undefined> {
  const text = await readFile(`/proc/${pid}/smaps_rollup`, 'latin1').catch(() => '')
  const kilobytes = /^Pss: +(\d+) kB$/m.exec(text)?.[1]
  return kilobytes === undefined ? undefined : Number(kilobytes) / 1024
}

/** Whether the machine has little left. False too where the kernel does not say. */
export function memoryIsShort(pressure = '/proc/pressure/memory', info = '/proc/meminfo'): boolean {
  const waiting = /^some avg10=([0-9.]+)/m.exec(textOf(pressure))?.[1]
  const [total, available] = ['MemTotal', 'MemAvailable'].map((name) => new RegExp(`^${name}: +(\\d+) kB$`, 'm').exec(textOf(info))?.[1])
  return Number(waiting ?? 0) > mostWaiting || Number(available ?? 1) < (Number(total ?? 0) * leastAvailable) / 100
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'latin1')
  } catch {
    return ''
  }
}
