/** Who listens on a port of this host: what Linux says in /proc, which root may read. */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'

const listening = '0A' // proc_pid_net(5): the state of a socket that listens

export interface Listener {
  readonly name: string
  /** Its process number; undefined in another name space. */
  readonly pid: number | undefined
  /** Its working directory, which is the home of a program of ours. */
  readonly directory: string
}

/** @returns the program that listens on the port at any address; undefined if nobody does */
export function listenerOn(port: number): Listener | undefined {
  const inodes = new Set(['tcp', 'tcp6'].flatMap((table) => inodesOn(port, table)))
  if (inodes.size === 0) return undefined
  for (const entry of readdirSync('/proc')) {
    if (/^\d+$/.test(entry) && holdsOne(entry, inodes))
      return { name: wordOf(entry), pid: Number(entry), directory: link(`/proc/${entry}/cwd`) }
  }
  return { name: 'a program in another name space', pid: undefined, directory: '' }
}

function inodesOn(port: number, table: string): string[] {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`
  const rows = text(`/proc/net/${table}`)
    .split('\n')
    .slice(1)
    .map((row) => row.trim().split(/\s+/))
  return rows.filter(([, local, , state]) => local?.endsWith(suffix) && state === listening).map((row) => row[9] ?? '')
}

function holdsOne(pid: string, inodes: ReadonlySet<string>): boolean {
  try {
    return readdirSync(`/proc/${pid}/fd`).some((fd) => inodes.has(/^socket:\[(\d+)\]$/.exec(link(`/proc/${pid}/fd/${fd}`))?.[1] ?? ''))
  } catch {
    return false // it has ended meanwhile
  }
}

function wordOf(pid: string): string {
  return text(`/proc/${pid}/comm`).trim() || 'a program'
}

function link(path: string): string {
  try {
    return readlinkSync(path)
  } catch {
    return ''
  }
}

function text(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
