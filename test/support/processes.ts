/** The processes of a running system, as /proc shows them. */
import { readdirSync, readFileSync } from 'node:fs'
import { basename } from 'node:path'

export interface Process {
  readonly pid: number
  /** Which program of ours it runs: `lspawn`. */
  readonly program: string
}

/** Every process below one, by its program's name; processes that are not ours are left out. */
export function below(pid: number): Process[] {
  const parents = new Map<number, number[]>()
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue
    const parent = parentOf(name)
    if (parent !== undefined) parents.set(parent, [...(parents.get(parent) ?? []), Number(name)])
  }
  const found: Process[] = []
  const waiting = [...(parents.get(pid) ?? [])]
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    waiting.push(...(parents.get(next) ?? []))
    const program = programOf(next)
    if (program !== undefined) found.push({ pid: next, program })
  }
  return found
}

/** Numbers of the processes that run for a home, whoever their parent is, by their environment. */
export function processesOf(home: string): number[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name))
  return pids.filter((pid) => read(`/proc/${pid}/environ`).split('\0').includes(`YABUMI_HOME=${home}`)).map(Number)
}

/** Highest resident set a process has had, in MB; undefined once it is gone. */
export function peakMegabytes(pid: number): number | undefined {
  const kilobytes = /^VmHWM:\s+(\d+) kB$/m.exec(read(`/proc/${pid}/status`))?.[1]
  return kilobytes === undefined ? undefined : Number(kilobytes) / 1024
}

function parentOf(pid: string): number | undefined {
  const stat = read(`/proc/${pid}/stat`)
  const field = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]
  return field === undefined ? undefined : Number(field)
}

function programOf(pid: number): string | undefined {
  const words = read(`/proc/${pid}/cmdline`).split('\0')
  const script = words.find((word) => /\/\.?dist\/[a-z0-9-]+\.cjs$/.test(word))
  if (script !== undefined) return basename(script, '.cjs')
  return /^(?:yabumi|qmail)-([a-z0-9-]+)(?: |$)/.exec(words[0] ?? '')?.[1] // one that stays has a name of its own
}

function read(path: string): string {
  try {
    return readFileSync(path, 'latin1')
  } catch {
    return '' // gone meanwhile
  }
}
