/**
 * A server takes no more connections than it may open files for.
 *
 * Beyond that accept(2) fails, the connection stays in the backlog, and the event loop spins on it.
 */
import { readFileSync } from 'node:fs'

/** Descriptors for everything but connections: the program's own, its listeners, files opened for a moment. */
const spare = 64
/** A connection, and what is opened for it: the way to queue, a pipe to a program. */
const perConnection = 2

/** How many connections the limit on open files allows (`ulimit -n`; Node raises the soft limit to the hard one). */
export function affordableConnections(): number {
  const [, openFiles] = /^Max open files\s+([0-9]+)/m.exec(readFileSync('/proc/self/limits', 'latin1')) ?? []
  return openFiles === undefined ? Number.POSITIVE_INFINITY : Math.max(1, Math.floor((Number(openFiles) - spare) / perConnection))
}
