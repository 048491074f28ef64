/** The times that loggers put in front of a line. */

/** multilog, tai64n: the leap seconds until 1970, and none since. */
export const multilogSeconds = 10
/** s6-log: those until 2017 as well, after which there were none. */
export const s6LogSeconds = 37

const epoch = 2n ** 62n
const label = /^@([0-9a-f]{16})([0-9a-f]{8}) /

/** A TAI64N label at the beginning of a line, in its seconds; undefined without one. */
export function labelOf(line: string): number | undefined {
  const seconds = label.exec(line)?.[1]
  return seconds === undefined ? undefined : Number(BigInt(`0x${seconds}`) - epoch)
}

/**
 * When a line was written: by a TAI64N label (multilog, s6-log), the stamp of supervise, or that of splogger.
 *
 * @param labels - what TAI64N labels are ahead of seconds since 1970
 * @returns seconds since 1970 with a fraction; undefined without a time
 */
export function timeOf(line: string, labels: number = multilogSeconds): number | undefined {
  const seconds = labelOf(line)
  if (seconds !== undefined) return seconds - labels + Number.parseInt(line.slice(17, 25), 16) / 1e9
  const stamp = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z(?= )/.exec(line)?.[0]
  if (stamp !== undefined) return Date.parse(stamp) / 1000
  const splogger = /(?:^|\s)(\d{9,11}\.\d{6}) /.exec(line)?.[1]
  return splogger === undefined ? undefined : Number(splogger)
}
