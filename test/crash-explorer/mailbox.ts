/**
 * What lies in mailboxes, piece by piece: whole copies and whole bounces of the messages of a scenario, copies without their facts,
 * and what is torn.
 */

import { doubleBounces, farBoxes, keyOf, type Scenario, saidBody, textOf, toldField } from './scenarios.ts'
import { keyIn } from './words.ts'

/** What somebody who reads a mailbox sees of one message. */
export interface Piece {
  /** `a`, `m`, `dbl`. */
  readonly box: string
  readonly kind: 'copy' | 'bare' | 'bounce' | 'torn'
  /** Which message of the scenario; undefined for what is torn. */
  readonly key: string | undefined
}

const reportType = '\nContent-Type: multipart/report;'
/** Of the report, and of one within it. */
const reportEnds = /(?:\n--[0-9a-f]{32}--\n)+$/

/** Finds out what pieces are, for one scenario under one tag. */
export class Reader {
  readonly #bodies: readonly { readonly key: string; readonly body: string; readonly told: string }[]

  constructor({ messages }: Scenario, tag: string) {
    this.#bodies = messages.map((message, index) => ({
      key: keyOf(tag, index + 1),
      body: `\n\n${textOf(tag, index + 1, message).body}`,
      told: `${toldField}: ${message.by === 'queue' ? saidBody : ''}\n`,
    }))
  }

  /**
   * The pieces in a file of a mailbox; none for a file of tmp/, which nobody reads.
   *
   * @param path - `boxes/TAG/a/new/NAME`, `boxes/TAG/m`, `boxes/dbl/new/NAME`
   */
  pieces(path: string, bytes: Buffer): Piece[] {
    const [, tag = '', name = '', part] = path.split('/')
    if (tag === doubleBounces) return name === 'new' ? [this.#piece(doubleBounces, bytes.toString('latin1'))] : []
    if (part === undefined) return this.#entries(bytes.toString('latin1')).map((entry) => this.#piece(name, entry))
    return part === 'new' || part === 'cur' ? [this.#piece(name, bytes.toString('latin1'))] : []
  }

  /** As a reader of mbox separates them. A last empty line belongs to the format; zeros behind it are what a crash left of the next one. */
  #entries(text: string): string[] {
    if (text === '') return []
    const entries = text.split(/^(?=From )/m).map((entry) => entry.replace(/\0+\n*$/, ''))
    return entries.map((entry) => (entry.endsWith('\n\n') ? entry.slice(0, -1) : entry))
  }

  #piece(box: string, piece: string): Piece {
    const text = piece.replace(reportEnds, '') // a bounce that is a report goes on after the message
    const found = this.#bodies.find(({ body }) => text.endsWith(body))
    if (found === undefined || (piece.includes(reportType) && text === piece)) return { box, kind: 'torn', key: undefined }
    const top = keyIn(Buffer.from(text, 'latin1'))
    if (top === found.key && text.indexOf('\n\n') === text.length - found.body.length)
      return { box, kind: isFar(box) && !text.startsWith(found.told) ? 'bare' : 'copy', key: top }
    return { box, kind: top === undefined && text.includes(`X-Crash: ${found.key}\n`) ? 'bounce' : 'torn', key: found.key }
  }
}

function isFar(box: string): boolean {
  return farBoxes.some((far) => far === box)
}

/** How many pieces of a kind and key are in a box. */
export function count(pieces: readonly Piece[], box: string, kind: Piece['kind'], key?: string): number {
  return pieces.filter((piece) => piece.box === box && piece.kind === kind && (key === undefined || piece.key === key)).length
}
