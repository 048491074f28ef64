/**
 * The header of a message and the beginning of its text, for programs that show what has come (spec §8.2, §8.4).
 */
import { headerBytes } from '@yabumi/limits'
import { Trouble } from '@yabumi/trouble'
import { HeaderSplitter } from './split.ts'

export interface Glimpse {
  /** As they stand, each with its line ends. */
  readonly fields: readonly string[]
  /** What is behind them, from the empty line on; the last line is ended. No longer than was asked for. */
  readonly text: string
}

/**
 * Read as much of a message as is needed.
 *
 * @param textBytes - how much of the text behind the header
 * @returns undefined if the header is beyond all measure
 * @throws what the pieces throw
 */
export async function glimpse(pieces: AsyncIterable<Buffer> | Iterable<Buffer>, textBytes: number): Promise<Glimpse | undefined> {
  const splitter = new HeaderSplitter(headerBytes)
  let text: string | undefined
  const add = (rest: Buffer | undefined): void => {
    if (rest !== undefined) text = `${text ?? ''}${rest.toString('latin1', 0, textBytes)}`.slice(0, textBytes)
  }
  try {
    for await (const piece of pieces) {
      add(text === undefined ? splitter.push(piece) : piece)
      if (text?.length === textBytes) return { fields: splitter.fields, text }
    }
    if (text === undefined) add(splitter.end())
  } catch (error) {
    if (error instanceof Trouble) return undefined
    throw error
  }
  const end = text === undefined || text === '' || text.endsWith('\n') ? '' : '\n'
  return { fields: splitter.fields, text: `${text ?? ''}${end}`.slice(0, textBytes) }
}

/** What a field says: the bytes behind its colon, without white space in front, with its line ends. */
export function fieldBody(field: string): string {
  return field.slice(field.indexOf(':') + 1).replace(/^[ \t\r\n]+/, '')
}
