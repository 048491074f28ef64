/**
 * Check the wire form of an envelope as it arrives, in pieces of any size, without keeping any of it (spec §2.1).
 *
 * What is checked is the frame: the letters, the length of addresses, the NUL that completes it. An address is any
 * bytes.
 */
import { addressBytes } from '@yabumi/limits'

/** `more` is to come; `complete`: the last NUL was seen; `long`: an address beyond the limit; `format`: a wrong letter. */
export type ScanResult = 'more' | 'complete' | 'long' | 'format'

const letterF = 70
const letterT = 84

export class EnvelopeScanner {
  #sender = false
  #inAddress = false
  #length = 0
  /** How many bytes of the piece scanned last are records: all, or those before the NUL that completes the envelope. */
  recordBytes = 0

  /** Whether the envelope may end here: it has a sender, and the last record is whole. */
  get atRecordEnd(): boolean {
    return this.#sender && !this.#inAddress
  }

  /** Take the next piece. After any result but `more` the scanner is spent. */
  scan(piece: Buffer): ScanResult {
    let at = 0
    while (at < piece.length) {
      if (this.#inAddress) {
        const nul = piece.indexOf(0, at)
        const end = nul < 0 ? piece.length : nul
        this.#length += end - at
        if (this.#length > addressBytes) return 'long'
        if (nul >= 0) this.#inAddress = false
        at = end + 1
      } else {
        const letter = piece[at]
        if (letter === 0 && this.#sender) {
          this.recordBytes = at
          return 'complete'
        }
        if (letter !== (this.#sender ? letterT : letterF)) return 'format'
        this.#sender = true
        this.#inAddress = true
        this.#length = 0
        at += 1
      }
    }
    this.recordBytes = piece.length
    return 'more'
  }
}
