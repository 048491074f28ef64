/**
 * The arguments of APPEND and REPLACE, read while their messages come (RFC 9051 §6.3.12, RFC 3502, RFC 8508).
 *
 * CATENATE is that of RFC 4469, and UTF8 that of RFC 6855 §4.
 *
 * Call announced() at each event `message` of the reader, and finish() at its event `command`. Both look at new words
 * only, so many messages take linear time.
 */
import { Arguments, keywordOf, textOf } from './arguments.ts'
import { BadCommand } from './bad.ts'
import { parseDateTime } from './dates.ts'
import { type Flags, parseFlags } from './flags.ts'
import type { Token } from './token.ts'

/** A piece of a message: what was streamed, or with CATENATE an address of what lies here already. */
export type AppendPiece = { readonly piece: 'streamed'; readonly sizeBytes: number } | { readonly piece: 'url'; readonly url: string }

/** `date` in seconds since 1970; undefined for now. `utf8`: its header may hold UTF-8. */
export interface AppendMessage {
  readonly flags: Flags
  readonly date: number | undefined
  readonly utf8: boolean
  /** One that is streamed, unless CATENATE gave more. */
  readonly pieces: readonly AppendPiece[]
}

interface Begun {
  flags: Flags | undefined
  date: number | undefined
  /** CATENATE or UTF8 was read: its list, and how many of its words. */
  within: 'CATENATE' | 'UTF8' | undefined
  utf8: boolean
  pieces: AppendPiece[]
}

export class AppendReader {
  readonly #mailboxAt: number
  #at: number
  #listAt = 0
  #begun: Begun = nextMessage()
  readonly #messages: AppendMessage[] = []
  #mailbox = ''

  /** @param mailboxAt - which word names the mailbox: 0 in APPEND, 1 in REPLACE */
  constructor(mailboxAt = 0) {
    this.#mailboxAt = mailboxAt
    this.#at = mailboxAt
  }

  /** The mailbox as the client wrote it, a character a byte. Known from the first announced message on. */
  get mailbox(): string {
    return this.#mailbox
  }

  /** Messages that are complete. */
  get messages(): readonly AppendMessage[] {
    return this.#messages
  }

  /**
   * A literal follows these words.
   *
   * @returns the message that it is of, as far as it is known
   * @throws BadCommand, RefusedCommand - with CANNOT for a keyword
   */
  announced(args: readonly Token[]): AppendMessage {
    this.#readAll(args)
    if (this.#begun.within !== 'CATENATE') this.#begun.pieces = []
    return finished(this.#begun)
  }

  /** All words have come. @throws BadCommand, RefusedCommand - with CANNOT for a keyword */
  finish(args: readonly Token[]): readonly AppendMessage[] {
    this.#readAll(args)
    const { flags, date, within, pieces } = this.#begun
    if (within !== undefined && pieces.length > 0) this.#endMessage()
    else if (within !== undefined || flags !== undefined || date !== undefined || this.#messages.length === 0) {
      throw new BadCommand('Missing message size')
    }
    return this.#messages
  }

  #readAll(args: readonly Token[]): void {
    if (this.#at === this.#mailboxAt) {
      this.#mailbox = new Arguments(args.slice(this.#at)).astring('mailbox name')
      this.#at += 1
    }
    for (; this.#at < args.length; this.#at += 1) {
      const token = args[this.#at] as Token
      if (this.#begun.within === undefined) this.#readWord(token)
      else if (token.type !== 'list') throw new BadCommand('Invalid arguments')
      else {
        this.#readList(token.items)
        if (this.#at === args.length - 1) return // its end may not have come
        this.#endMessage()
      }
    }
  }

  #readWord(token: Token): void {
    const begun = this.#begun
    const keyword = keywordOf(token)
    if (token.type === 'streamed') {
      begun.pieces.push({ piece: 'streamed', sizeBytes: token.sizeBytes })
      this.#endMessage()
    } else if (token.type === 'list' && begun.flags === undefined && begun.date === undefined) {
      begun.flags = parseFlags(new Arguments(token.items))
    } else if (token.type === 'quoted' && begun.date === undefined) begun.date = parseDateTime(token.text)
    else if (keyword === 'CATENATE' || keyword === 'UTF8') begun.within = keyword
    else throw new BadCommand('Invalid arguments')
    begun.utf8 ||= keyword === 'UTF8'
  }

  #readList(items: readonly Token[]): void {
    const { within, pieces } = this.#begun
    while (this.#listAt < items.length) {
      const token = items[this.#listAt] as Token
      const keyword = keywordOf(token)
      if (token.type === 'streamed' && (within === 'UTF8' ? pieces.length === 0 : keywordOf(items[this.#listAt - 1]) === 'TEXT')) {
        pieces.push({ piece: 'streamed', sizeBytes: token.sizeBytes })
      } else if (within === 'CATENATE' && keyword === 'URL') {
        if (this.#listAt + 1 === items.length) return // its address may not have come
        this.#listAt += 1
        const url = textOf(items[this.#listAt])
        if (url === undefined) throw new BadCommand('Invalid URL')
        pieces.push({ piece: 'url', url })
      } else if (within !== 'CATENATE' || keyword !== 'TEXT') throw new BadCommand('Invalid arguments')
      this.#listAt += 1
    }
  }

  #endMessage(): void {
    if (this.#begun.pieces.length === 0) throw new BadCommand('Missing message size')
    this.#messages.push(finished(this.#begun))
    this.#begun = nextMessage()
    this.#listAt = 0
  }
}

function nextMessage(): Begun {
  return { flags: undefined, date: undefined, within: undefined, utf8: false, pieces: [] }
}

function finished({ flags, date, utf8, pieces }: Begun): AppendMessage {
  return { flags: flags ?? { system: [], keywords: [] }, date, utf8, pieces: [...pieces] }
}
