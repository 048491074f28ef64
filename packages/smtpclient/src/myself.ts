import { networkInterfaces } from 'node:os'

/** Interfaces come and go, but asking the kernel each time would cost more than the rest of a look-up. */
const freshMilliseconds = 5_000

let mine: ReadonlySet<string> = new Set()
let askedAt = Number.NEGATIVE_INFINITY

/** Whether an address is one of this machine: that of an interface that is up, or the unspecified one. */
export function isMyself(address: string): boolean {
  const now = performance.now()
  if (now - askedAt > freshMilliseconds) {
    const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? [])
    mine = new Set(['0.0.0.0', '::', ...all.map((entry) => entry.address)])
    askedAt = now
  }
  return mine.has(address.replace(/^::ffff:(?=[0-9.]+$)/i, '')) // IPv4 in IPv6 reaches the same interface
}
