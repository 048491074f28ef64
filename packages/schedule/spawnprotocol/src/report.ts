/**
 * The reports by which send hears what came of deliveries, as bytes (spec §2.4.1).
 *
 * Memory  of the report under way, what send keeps of one: a peer that never ends its report takes no more
 */
import { sendReportBytes } from '@yabumi/limits'
import { NumberReader, type NumberWidth, writeNumber } from './numbers.ts'

/** K done, Z try again, D give up. */
export type Status = 'K' | 'Z' | 'D'
/** The status of a newcomer that is given back, not having been tried; the text names the network that has others. */
export const givenBack = 'N'

/**
 * A line in the report of a success: the host takes no requests for reports (RFC 3461), so the sender, who has made one,
 * does not hear of it from there.
 */
export const successUntold = 'It takes no requests for reports.\n'

/** What came of one delivery. */
export interface Report {
  readonly delivery: number
  /** The status letter as it was sent, or the empty string; anything but K, Z and D is a mangled report, but for N where it may come. */
  readonly status: string
  /** Byte string; may hold line ends, never NUL. */
  readonly text: string
}

/** The wire form: delivery number, status letter, text, NUL. A NUL inside the text is left out. */
export function encodeReport(delivery: number, status: Status | typeof givenBack, text: string, width: NumberWidth = 1): Buffer {
  const bytes = Buffer.from(`${' '.repeat(width)} ${text.replaceAll('\0', '')}\0`, 'latin1')
  writeNumber(bytes, delivery, width)
  bytes[width] = status.charCodeAt(0)
  return bytes
}

/**
 * Finds the reports in a stream that arrives in arbitrary pieces.
 *
 * A report longer than send keeps is cut short. Every byte is looked at once, however the stream is cut.
 */
export class ReportDecoder {
  /** Of the report under way. */
  readonly #delivery: NumberReader
  #kept = '' // status and text so far, at most sendReportBytes - 1

  constructor(width: NumberWidth = 1) {
    this.#delivery = new NumberReader(width)
  }

  /** The reports that these bytes complete. */
  push(bytes: Buffer): Report[] {
    const reports: Report[] = []
    let at = 0
    while (at < bytes.length) {
      if (!this.#delivery.isWhole) {
        this.#delivery.take(bytes[at] as number)
        at += 1
        continue
      }
      const end = bytes.indexOf(0, at)
      this.#keep(bytes, at, end < 0 ? bytes.length : end)
      if (end < 0) break
      at = end + 1
      reports.push({ delivery: this.#delivery.value, status: this.#kept.slice(0, 1), text: this.#kept.slice(1) })
      this.#delivery.clear()
      this.#kept = ''
    }
    return reports
  }

  #keep(bytes: Buffer, from: number, to: number): void {
    const room = sendReportBytes - 1 - this.#kept.length
    if (room > 0) this.#kept += bytes.toString('latin1', from, Math.min(to, from + room))
  }
}
