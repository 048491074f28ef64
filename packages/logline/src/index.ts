/** The lines of send's log, which is an interface: what may stand in them, for who writes it, and what they say, for who reads it. */

export { type Event, type Outcome, parseLogLine } from './line.ts'
export { logSafe } from './safe.ts'
