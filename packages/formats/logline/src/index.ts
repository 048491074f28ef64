/**
 * The lines of the log, which is an interface.
 *
 * It says what may stand in them, for who writes it, and what send's say, for who reads it. It says, too, what is made
 * of the lines of programs that are not the system's own.
 */
export { type Caller, DoorLog } from './door.ts'
export { type DoorEvent, parseDoorLine } from './doorline.ts'
export { type ForeignLimits, ForeignLines } from './foreign.ts'
export { type Event, type Outcome, parseLogLine } from './line.ts'
export { clientWord, logSafe } from './safe.ts'
export { Seldom } from './seldom.ts'
export { LineSplitter } from './splitter.ts'
export { labelOf, multilogSeconds, s6LogSeconds } from './time.ts'
