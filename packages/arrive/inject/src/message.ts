/** The message on descriptor 0: its header goes into a draft, its body passes by. */
import { messagePieces } from '@yabumi/files'
import { HeaderSplitter } from '@yabumi/header'
import { headerBytes } from '@yabumi/limits'
import { Trouble } from '@yabumi/trouble'
import { type Draft, namesRecipients } from './draft.ts'
import { opened } from './opening.ts'
import { Gatherer, type Outlet } from './outlet.ts'

const lineEnd = Buffer.from('\n')
const lf = 10

export class Message {
  readonly #pieces: AsyncGenerator<Buffer, void>
  /** What has been read of the body; undefined if the message ended in its header. */
  readonly #body: Buffer | undefined
  readonly #hasHeader: boolean
  /** A field whose list goes on behind the line that it was broken off by, if the last one is such. */
  readonly brokenList: string | undefined

  private constructor(pieces: AsyncGenerator<Buffer, void>, body: Buffer | undefined, hasHeader: boolean, brokenList: string | undefined) {
    this.#pieces = pieces
    this.#body = body
    this.#hasHeader = hasHeader
    this.brokenList = brokenList
  }

  /** Read the header. @throws Trouble 4.3.0 if it cannot be read, 5.3.4 if it is too long, what the draft throws */
  static async read(fd: number, draft: Draft): Promise<Message> {
    const pieces = piecesOf(fd)
    const splitter = new HeaderSplitter(headerBytes)
    let body: Buffer | undefined
    let last: string | undefined
    while (body === undefined) {
      const next = await pieces.next()
      body = next.done === true ? splitter.end() : splitter.push(next.value)
      last = splitter.fields.at(-1) ?? last
      for (const field of splitter.fields.splice(0)) draft.add(field)
      if (next.done === true) break
    }
    const brokenList = splitter.brokenOff && last !== undefined && isUnfinished(last) ? last : undefined
    return new Message(pieces, body, last !== undefined, brokenList)
  }

  /** The first line of a message without a header, if a blank stands in front of it: it may be one that was moved in. */
  get indentedStart(): string | undefined {
    const [, line] =
      this.#hasHeader || this.#body === undefined ? [] : (/^\n([ \t][^\n]*\n)/.exec(this.#body.toString('latin1', 0, 1_000)) ?? [])
    return line
  }

  /** Write this header and then the body, whose last line is ended if it was not. */
  async send(header: Iterable<Buffer>, outlet: Outlet): Promise<void> {
    const out = new Gatherer(outlet)
    for (const part of header) await out.write(part)
    if (this.#body !== undefined) {
      let last = this.#body
      await out.write(last)
      for await (const piece of this.#pieces) {
        await out.write(piece)
        last = piece
      }
      if (last.at(-1) !== lf) await out.write(lineEnd)
    }
    await out.flush()
  }
}

/** Whether more recipients were to come. */
function isUnfinished(field: string): boolean {
  return namesRecipients(field) && field.trimEnd().endsWith(',')
}

async function* piecesOf(fd: number): AsyncGenerator<Buffer, void> {
  try {
    yield* opened(messagePieces(fd))
  } catch (cause) {
    throw new Trouble('4.3.0', 'read error', { cause })
  }
}
