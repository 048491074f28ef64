/** Local time is the C library's: Node does not know every form of TZ that it knows (`XYZ-5:30`). */
import { libc } from './libc.ts'

const tmBytes = 56
const gmtoffAt = 40

/** Seconds that local time is ahead of UTC at a moment, in seconds since 1970. */
export function zoneOffset(seconds: number): number {
  const tm = Buffer.alloc(tmBytes)
  libc().tzset()
  libc().localtime_r(BigInt64Array.of(BigInt(seconds)), tm)
  return Number(tm.readBigInt64LE(gmtoffAt))
}
