import { sendReportBytes } from '@yabumi/limits'

/** K done, Z try again, D give up. */
export type Status = 'K' | 'Z' | 'D'

/** What came of one delivery. */
export interface Report {
  readonly delivery: number
  /** The status letter as it was sent; anything but K, Z and D is a mangled report. */
  readonly status: string
  /** Byte string; may hold line ends, never NUL. */
  readonly text: string
}

export function encodeReport(delivery: number, status: Status, text: string): Buffer {
  const bytes = Buffer.from(`  ${text.replaceAll('\0', '')}\0`, 'latin1')
  bytes[0] = delivery
  bytes[1] = status.charCodeAt(0)
  return bytes
}

/** Finds the reports in a stream that arrives in arbitrary pieces; a longer report than send keeps is cut short. */
export class ReportDecoder {
  #rest: Buffer = Buffer.alloc(0)

  /** The reports that these bytes complete. */
  push(bytes: Buffer): Report[] {
    const input = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes])
    const reports: Report[] = []
    let start = 0
    for (;;) {
      const end = input.indexOf(0, start + 1) // the first byte is the number and may be NUL itself
      if (end < 0) break
      reports.push({
        delivery: input[start] as number,
        status: end > start + 1 ? input.toString('latin1', start + 1, start + 2) : '',
        text: input.toString('latin1', start + 2, Math.min(end, start + sendReportBytes)),
      })
      start = end + 1
    }
    const rest = input.subarray(start)
    this.#rest = rest.length > sendReportBytes ? rest.subarray(0, sendReportBytes) : rest
    return reports
  }
}
