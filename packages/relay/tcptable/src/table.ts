/**
 * The file queue/lock/tcpto, shared by rspawn, remote, tcpto and tcpok, ours and qmail's.
 *
 * Everybody locks it exclusively (flock) for as long as it takes to read it or to change one record. Waiting is bounded
 * and never blocks the event loop. The table only saves time, so a delivery that cannot have it goes on without.
 */
import { closeSync, constants, readSync, writeSync } from 'node:fs'
import { isIPv4 } from 'node:net'
import { timeoutTableSeconds } from '@yabumi/limits'
import { lock } from '@yabumi/posix'
import { openQueueFile } from '@yabumi/queuedir'
import { Trouble } from '@yabumi/trouble'
import { readRecord, recordBytes, type TimeoutRecord, tableBytes } from './record.ts'
import { countTimeout, findRecord, isInTrouble } from './rules.ts'

const path = 'queue/lock/tcpto'
/** The lock is held for microseconds; whoever holds it this long is stuck. */
const lockSeconds = 2

/** What a delivery needs to know before it connects. */
export interface Standing {
  /** Not to be tried now. */
  readonly inTrouble: boolean
  /** The address has a record, to be cleared by clearTimeouts() once a connection succeeds. */
  readonly recorded: boolean
}

/**
 * Look an address up. Only IPv4 fits the table: an IPv6 address has no record ever, so it is always tried, and costs its
 * timeout each time.
 */
export async function standingOf(address: string, now: number): Promise<Standing> {
  const record = isIPv4(address) ? await withTable((table) => findRecord(table, address)) : undefined
  return { inTrouble: record !== undefined && isInTrouble(record, now, process.pid), recorded: record !== undefined }
}

/** Record that connecting to an address timed out; a refusal is no timeout. */
export async function recordTimeout(address: string, now: number): Promise<void> {
  if (!isIPv4(address)) return
  await withTable((table, fd) => {
    const index = countTimeout(table, address, now)
    if (index !== undefined) writeBack(fd, table, index)
  })
}

/** Record that an address answered. */
export async function clearTimeouts(address: string): Promise<void> {
  await withTable((table, fd) => {
    const record = findRecord(table, address)
    if (record === undefined) return
    table[record.index * recordBytes + 4] = 0
    writeBack(fd, table, record.index)
  })
}

/** Forget everything, without a lock and without complaint, as rspawn does when it starts. */
export function zeroTable(): void {
  try {
    const { fd } = openQueueFile(path, constants.O_RDWR)
    try {
      writeSync(fd, Buffer.alloc(tableBytes), 0, tableBytes, 0)
    } finally {
      closeSync(fd)
    }
  } catch {
    // old timeouts then delay some mail by an hour, as they would have without the restart
  }
}

/** Wait for the lock of the open table, for tools that do nothing without it. @throws Trouble 4.3.0 if somebody else keeps it */
export async function lockTable(fd: number): Promise<void> {
  if (!(await lock(fd, timeoutTableSeconds))) throw new Trouble('4.3.0', `another program has held it for ${timeoutTableSeconds} seconds`)
}

/** The records of a table as it was read. */
export function recordsOf(table: Buffer): TimeoutRecord[] {
  return Array.from({ length: Math.floor(Math.min(table.length, tableBytes) / recordBytes) }, (_, index) => readRecord(table, index))
}

async function withTable<T>(work: (table: Buffer, fd: number) => T): Promise<T | undefined> {
  let fd: number
  try {
    fd = openQueueFile(path, constants.O_RDWR).fd
  } catch {
    return undefined
  }
  try {
    if (!(await lock(fd, lockSeconds))) return undefined
    const table = Buffer.alloc(tableBytes)
    const length = readSync(fd, table, 0, tableBytes, 0)
    return work(table.subarray(0, length - (length % recordBytes)), fd)
  } catch {
    return undefined
  } finally {
    closeSync(fd)
  }
}

function writeBack(fd: number, table: Buffer, index: number): void {
  writeSync(fd, table, index * recordBytes, recordBytes, index * recordBytes)
}
