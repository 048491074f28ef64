/**
 * Taps: copies of messages of some senders, or for some recipients, to an address (control/taps). A copy is one more
 * recipient in the envelope, so it is as safe as the message, and whoever reads the message cannot see it.
 *
 * Without the file nothing is done for a message; the resident queue looks for it once a second, while messages come.
 */
import { readFileSync } from 'node:fs'
import { listLines } from '@yabumi/control'
import { errnoOf, errorText } from '@yabumi/trouble'

/** The working directory is queue/. */
const file = '../control/taps'
const keptMilliseconds = 1_000

interface Tap {
  /** The record that it looks at; undefined: any message. */
  readonly letter: 'F' | 'T' | undefined
  readonly pattern: RegExp
  readonly recipient: string
}

/**
 * The taps as the file has them now: `F:PATTERN:ADDRESS` for senders, `T:PATTERN:ADDRESS` for recipients, `A:ADDRESS` for
 * all. PATTERN is a regular expression, found anywhere in an address, capitals or not; ADDRESS follows the last colon.
 *
 * @param complain - told of a line that is none of these, and of a file that cannot be read; neither stops the mail
 */
export function readTaps(complain: (problem: string) => void): readonly Tap[] {
  try {
    return listLines(readFileSync(file, 'latin1')).flatMap((line) => parseTap(line, complain) ?? [])
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') complain(`unable to read control/taps: ${errorText(error)}; no message is copied`)
    return []
  }
}

function parseTap(line: string, complain: (problem: string) => void): Tap | undefined {
  const [, letter, pattern, recipient] = /^(?:A:|([FT]):(.*):)([^:]+)$/.exec(line) ?? []
  if (recipient !== undefined) {
    try {
      const all = letter === undefined
      return { letter: all ? undefined : (letter as 'F' | 'T'), pattern: new RegExp(pattern ?? '', 'i'), recipient }
    } catch {
      // said below
    }
  }
  complain(`control/taps: not understood, and left out: ${line}`)
  return undefined
}

/** The taps of a resident queue. */
export class Taps {
  readonly #complain: (problem: string) => void
  #taps: readonly Tap[] = []
  #readAt = Number.NEGATIVE_INFINITY
  #said = ''

  constructor(complain: (problem: string) => void) {
    this.#complain = complain
  }

  /** What is to look at the next message; undefined if there is no tap. */
  watch(): TapWatch | undefined {
    const now = performance.now()
    if (now - this.#readAt > keptMilliseconds) {
      this.#readAt = now
      this.#taps = readTaps((problem) => this.#sayOnce(problem))
    }
    return this.#taps.length === 0 ? undefined : new TapWatch(this.#taps)
  }

  #sayOnce(problem: string): void {
    if (this.#said.includes(`${problem}\n`)) return
    this.#said += `${problem}\n`
    this.#complain(problem)
  }
}

/** Looks at one envelope as it passes. */
export class TapWatch {
  #waiting: Tap[]
  #rest = ''
  readonly #recipients = new Set<string>()

  constructor(taps: readonly Tap[]) {
    this.#waiting = [...taps]
  }

  /** The next records, in any pieces; addresses are no longer than the envelope's check lets pass. */
  see(piece: Buffer): void {
    if (this.#waiting.length === 0) return
    const records = (this.#rest + piece.toString('latin1')).split('\0')
    this.#rest = records.pop() as string
    for (const record of records) {
      const [letter, address] = [record[0], record.slice(1)]
      this.#waiting = this.#waiting.filter((tap) => {
        const wanted = tap.letter === undefined || (tap.letter === letter && tap.pattern.test(address))
        if (wanted) this.#recipients.add(tap.recipient)
        return !wanted
      })
    }
  }

  /** The records of those who get a copy. */
  records(): Buffer {
    return Buffer.from([...this.#recipients].map((recipient) => `T${recipient}\0`).join(''), 'latin1')
  }
}
