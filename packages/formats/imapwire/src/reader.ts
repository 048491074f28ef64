/**
 * The commands of an IMAP client, read as they arrive (RFC 9051 §4.3, RFC 7888).
 *
 * Give it bytes with push() and take events with next() until there is none. Messages that APPEND and REPLACE carry are
 * announced, so that they can be written while they come. All other literals are kept, up to a limit.
 *
 * Memory: one command's lines and literals, both within their limits. No byte that was taken is copied twice.
 */
import { imapLineBytes, imapLiteralBytes, imapLoginLiteralBytes } from '@yabumi/limits'
import { CommandLines, tooLong } from '@yabumi/smtp'
import { BadCommand } from './bad.ts'
import { type Announced, type Token, Tokeniser } from './token.ts'

/** A command's tag, its name in upper case (`UID FETCH`), and the words behind it. */
export interface Command {
  readonly tag: string
  readonly name: string
  readonly args: readonly Token[]
}

/** What next() gives. */
export type ReaderEvent =
  /** A whole command. */
  | ({ readonly kind: 'command' } & Command)
  /** Write `+ OK`: the client waits for it before it sends a literal that is kept. */
  | { readonly kind: 'continue' }
  /** A message follows. Call stream() or refuse() before next(). Where `waits`, write `+ OK` after stream(). */
  | ({ readonly kind: 'message' } & Command & Announced)
  /** Bytes of a message that is streamed; `last` with its end. One of no bytes is told too. */
  | { readonly kind: 'data'; readonly bytes: Buffer; readonly last: boolean }
  /** Answer BAD, with the tag or with `*` where there is none; `name` as far as it was read. */
  | { readonly kind: 'bad'; readonly tag: string | undefined; readonly name: string | undefined; readonly why: string }
  /** A literal longer than what is kept waits for our `+`: answer the tag with NO or BAD, its bytes never come. */
  | ({ readonly kind: 'tooBig' } & Command)
  /** Such a literal comes unasked: say BYE and close. No event follows. */
  | { readonly kind: 'bye'; readonly why: string }

/** Where a command stands. */
interface Begun {
  readonly tag: string
  readonly name: string
  readonly words: Tokeniser
}

/** A literal whose bytes come. */
interface Coming {
  readonly announced: Announced
  readonly use: 'keep' | 'stream' | 'skip'
  left: number
  readonly kept: Buffer[]
}

const tagSyntax = /^[^\x00-\x20\x7f-\xff(){%*"\\+]+$/
const nameSyntax = /^[^\x00-\x20\x7f-\xff(){%*"\\]+$/
const nothing = Buffer.alloc(0)

export class CommandReader {
  /** Quoted strings may hold UTF-8 from the next command on: after UTF8=ACCEPT or IMAP4rev2 was enabled. */
  utf8 = false
  /** Somebody has logged in, so that literals may be longer. */
  loggedIn: boolean
  readonly #lines = new CommandLines()
  #begun: Begun | undefined
  #lineBytes = 0
  #keptBytes = 0
  /** The literal that is coming: kept, handed on, or left out. */
  #literal: Coming | undefined
  #asked: Announced | undefined
  /** The command was answered; what is left of it is left out. */
  #skipping = false
  #rest: Buffer = nothing
  #over = false

  constructor(loggedIn: boolean) {
    this.loggedIn = loggedIn
  }

  /** Add bytes; all events of what was pushed before must have been taken. They are the reader's from then on. */
  push(chunk: Buffer): void {
    if (this.#literal === undefined && this.#asked === undefined) this.#lines.push(chunk)
    else this.#rest = chunk
  }

  /** The next event; undefined until more bytes come. @throws Error - a message was announced, and nobody said what to do */
  next(): ReaderEvent | undefined {
    if (this.#asked !== undefined && !this.#over) throw new Error('a message waits for stream() or refuse()')
    while (!this.#over) {
      const event = this.#literal === undefined ? this.#nextLine() : this.#nextBytes()
      if (event !== 'again') return event
    }
    return undefined
  }

  /** The announced message comes as events `data`. */
  stream(): void {
    this.#take('stream')
  }

  /** The announced message is not wanted, and the command was answered. What is left of the command is left out. */
  refuse(): void {
    if (this.#asked?.waits) {
      this.#asked = undefined
      this.#end()
      this.#lines.push(this.#takeRest())
    } else {
      this.#skipping = true
      this.#take('skip')
    }
  }

  /**
   * A line that is no command, without its end: `DONE`, or an answer of AUTHENTICATE. Undefined until it has come.
   *
   * @returns `tooLong` for one beyond the limit of lines
   */
  plainLine(): string | typeof tooLong | undefined {
    return this.#lines.next()
  }

  /** What was pushed and not taken: bytes of another protocol, or what STARTTLS makes void. */
  takeRest(): Buffer {
    return this.#lines.takeRest()
  }

  /** Whether everything that was pushed was taken, and no command is begun. */
  get isAtRest(): boolean {
    const rest = this.#lines.takeRest()
    this.#lines.push(rest)
    return rest.length === 0 && this.#begun === undefined && this.#literal === undefined && this.#asked === undefined && !this.#skipping
  }

  #take(use: 'keep' | 'stream' | 'skip'): void {
    const announced = this.#asked
    if (announced === undefined) throw new Error('no message was announced')
    this.#asked = undefined
    this.#literal = { announced, use, left: announced.sizeBytes, kept: [] }
  }

  #takeRest(): Buffer {
    const rest = this.#rest
    this.#rest = nothing
    return rest
  }

  #nextLine(): ReaderEvent | 'again' | undefined {
    const line = this.#lines.next()
    if (line === undefined) return undefined
    const tag = this.#begun?.tag
    if (line === tooLong || this.#lineBytes + line.length > imapLineBytes) return this.#bad(tag, undefined, 'Too long line', undefined)
    this.#lineBytes += line.length
    try {
      return this.#skipping ? this.#skipLine(line) : this.#addLine(line)
    } catch (error) {
      if (!(error instanceof BadCommand)) throw error
      const begun = this.#begun
      return this.#bad(begun?.tag ?? tagOf(line), begun?.name, error.message, /(~?)\{(\d{1,15})\+\}$/.exec(line)?.[2])
    }
  }

  #addLine(line: string): ReaderEvent | 'again' {
    let start = 0
    if (this.#begun === undefined) {
      const head = headOf(line)
      this.#begun = { tag: head.tag, name: head.name, words: new Tokeniser(this.utf8) }
      start = head.start
    }
    const { tag, name, words } = this.#begun
    const announced = words.addLine(line, start)
    if (announced !== undefined) return this.#announce(announced)
    const args = words.finish()
    this.#end()
    return { kind: 'command', tag, name, args }
  }

  #announce(announced: Announced): ReaderEvent | 'again' {
    const { tag, name, words } = this.#begun as Begun
    this.#rest = this.#lines.takeRest()
    this.#asked = announced
    if (carriesMessages.has(name) && words.words.length >= (carriesMessages.get(name) as number)) {
      return { kind: 'message', tag, name, args: words.words, ...announced }
    }
    if (this.#keptBytes + announced.sizeBytes > (this.loggedIn ? imapLiteralBytes : imapLoginLiteralBytes)) {
      this.#over = !announced.waits
      if (this.#over) return { kind: 'bye', why: 'Literal too long' }
      this.refuse()
      return { kind: 'tooBig', tag, name, args: words.words }
    }
    this.#keptBytes += announced.sizeBytes
    this.#take('keep')
    return announced.waits ? { kind: 'continue' } : 'again'
  }

  #skipLine(line: string): 'again' {
    const found = /\{(\d{1,15})(\+?)\}$/.exec(line)
    if (found === null || found[2] === '') this.#end()
    else this.#skip(Number(found[1]))
    return 'again'
  }

  #skip(sizeBytes: number): void {
    this.#skipping = true
    this.#rest = this.#lines.takeRest()
    this.#literal = { announced: { sizeBytes, waits: false, binary: false }, use: 'skip', left: sizeBytes, kept: [] }
  }

  #nextBytes(): ReaderEvent | 'again' | undefined {
    const literal = this.#literal as Coming
    const rest = this.#takeRest()
    if (rest.length === 0 && literal.left > 0) return undefined
    const bytes = rest.subarray(0, literal.left)
    literal.left -= bytes.length
    const last = literal.left === 0
    if (last) this.#lines.push(rest.subarray(bytes.length))
    if (literal.use === 'keep') literal.kept.push(bytes)
    if (last) this.#endLiteral()
    return literal.use === 'stream' ? { kind: 'data', bytes, last } : 'again'
  }

  #endLiteral(): void {
    const { announced, use, kept } = this.#literal as Coming
    this.#literal = undefined
    const { sizeBytes, binary } = announced
    if (use === 'stream') this.#begun?.words.addLiteral({ type: 'streamed', sizeBytes, binary })
    if (use === 'keep') this.#begun?.words.addLiteral({ type: 'literal', text: Buffer.concat(kept).toString('latin1'), binary })
  }

  /** @param literal - the digits of a literal that comes whatever we say */
  #bad(tag: string | undefined, name: string | undefined, why: string, literal: string | undefined): ReaderEvent {
    this.#end()
    if (literal !== undefined) this.#skip(Number(literal))
    return { kind: 'bad', tag, name, why }
  }

  #end(): void {
    this.#begun = undefined
    this.#skipping = false
    this.#lineBytes = 0
    this.#keptBytes = 0
  }
}

/** Commands whose literals are messages, and how many words stand before the first at least. */
const carriesMessages = new Map([
  ['APPEND', 1],
  ['REPLACE', 2],
  ['UID REPLACE', 2],
])

function tagOf(line: string): string | undefined {
  const tag = line.split(' ', 1)[0] ?? ''
  return tagSyntax.test(tag) ? tag : undefined
}

function headOf(line: string): { tag: string; name: string; start: number } {
  const [tag, first, second] = /^([^ ]*)(?: +([^ ]+))?(?: +([^ ]+))?/.exec(line)?.slice(1) ?? []
  if (tag === undefined || !tagSyntax.test(tag)) throw new BadCommand('Invalid tag')
  if (first === undefined || !nameSyntax.test(first)) throw new BadCommand('Invalid command name')
  const name = first.toUpperCase()
  const behind = line.indexOf(first, tag.length) + first.length
  if (name !== 'UID') return { tag, name, start: behind }
  if (second === undefined || !nameSyntax.test(second)) throw new BadCommand('Invalid command name')
  return { tag, name: `UID ${second.toUpperCase()}`, start: line.indexOf(second, behind) + second.length }
}
