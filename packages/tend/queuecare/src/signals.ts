/** What a process listens to, as the kernel says. */
import { readFileSync } from 'node:fs'

const urg = 23n // SIGURG on Linux

/** Whether a process catches URG: a send of ours does, qmail's does not. */
export function catchesUrg(pid: number): boolean {
  try {
    const mask = /^SigCgt:\s*([0-9a-f]+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1]
    return mask !== undefined && ((BigInt(`0x${mask}`) >> (urg - 1n)) & 1n) === 1n
  } catch {
    return false
  }
}
