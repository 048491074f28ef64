/**
 * A message as filters may change it: its envelope, the fields of its header, its body.
 *
 * A field is kept as it was written, so that one that nobody changes stays as its author has signed it.
 */
import { milterFields, milterHeaderBytes } from '@yabumi/limits'
import { MilterTrouble } from './trouble.ts'

export interface Field {
  /** Undefined for a line that is no field; filters do not see it. */
  readonly name: string | undefined
  /** Its name as it was written, with the colon; empty where there is none. */
  readonly head: string
  /** What follows the colon, without the last line end; lines end with LF. A byte string. */
  readonly value: string
}

/** Where a body is that a filter has written. */
export interface Store {
  write(bytes: Buffer): void
  pieces(): Iterable<Buffer>
  drop(): void
}

export interface Draft {
  readonly sender: string
  readonly recipients: readonly string[]
  readonly fields: readonly Field[]
  /** Lines end with LF. */
  readonly body: () => Iterable<Buffer>
  /** Reasons for which it is to be held. */
  readonly quarantine: readonly string[]
}

/**
 * Find the header of a message.
 *
 * @param pieces - all of it, lines that end with LF, from its beginning at each call
 * @throws MilterTrouble if its header is longer than filters are given
 */
export function draftOf(sender: string, recipients: readonly string[], pieces: () => Iterable<Buffer>): Draft {
  const { text, bodyAt } = headerOf(pieces())
  const fields = text === '' ? [] : text.split(/\n(?![ \t])/).map(fieldOf)
  if (fields.length > milterFields) throw new MilterTrouble(`its header has more than ${milterFields} fields`)
  return { sender, recipients, fields, body: () => from(pieces(), bodyAt), quarantine: [] }
}

function headerOf(pieces: Iterable<Buffer>): { text: string; bodyAt: number } {
  let head = ''
  for (const piece of pieces) {
    const searched = Math.max(head.length - 1, 0)
    head += piece.toString('latin1')
    if (head[0] === '\n') return { text: '', bodyAt: 1 }
    const end = head.indexOf('\n\n', searched)
    if (end >= 0 && end <= milterHeaderBytes) return { text: head.slice(0, end), bodyAt: end + 2 }
    if (head.length > milterHeaderBytes) throw new MilterTrouble(`its header is longer than ${milterHeaderBytes} bytes`)
  }
  return { text: head.replace(/\n$/, ''), bodyAt: head.length }
}

function fieldOf(text: string): Field {
  const [, name] = /^([!-9;-~]+)[ \t]*:/.exec(text) ?? []
  const valueAt = name === undefined ? 0 : text.indexOf(':') + 1
  return { name, head: text.slice(0, valueAt), value: text.slice(valueAt) }
}

function* from(pieces: Iterable<Buffer>, at: number): Generator<Buffer> {
  let skipped = 0
  for (const piece of pieces) {
    const rest = skipped >= at ? piece : piece.subarray(at - skipped)
    skipped += piece.length
    if (rest.length > 0) yield rest
  }
}

/** The message as it is to be queued. */
export function* piecesOf({ fields, body }: Pick<Draft, 'fields' | 'body'>): Generator<Buffer> {
  const lines = fields.map(({ head, value }) => `${head}${value}\n`)
  yield Buffer.from(`${lines.join('')}\n`, 'latin1')
  yield* body()
}
