/** The table of addresses that timed out, queue/lock/tcpto (spec §1.2, §2.4.6). Paths are relative to the home. */
export { type TimeoutRecord, tableBytes } from './record.ts'
export { isInTrouble } from './rules.ts'
export { clearTimeouts, lockTable, recordsOf, recordTimeout, type Standing, standingOf, zeroTable } from './table.ts'
