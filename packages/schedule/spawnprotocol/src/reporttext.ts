/**
 * However much a delivery writes, its report is no longer than send takes. It is cut where qmail cuts it (spec §2.4.4).
 */
import { localReportBytes, localReportCutBytes } from '@yabumi/limits'

const readBytes = 128 // qmail's reading buffer, which decides where output goes on behind the complaint
const complaint = '\nError report too long, sorry.\n'

/** What a delivery has written so far, cut whenever it gets too long. */
export class ReportText {
  #text = ''

  append(bytes: Buffer): void {
    for (let start = 0; start < bytes.length; start += readBytes) {
      this.#text += bytes.toString('latin1', start, start + readBytes)
      if (this.#text.length > localReportBytes) this.#text = this.#text.slice(0, localReportCutBytes) + complaint
    }
  }

  /** Up to its first NUL, as it stands in a report. Byte string. */
  toString(): string {
    return this.#text.split('\0', 1)[0] as string
  }
}
