/**
 * The words of a command line, from its text (RFC 9051 §9).
 *
 * Texts hold a character a byte (latin1). Several blanks count as one, as old clients need it. A bracket is part of an
 * atom: `BODY[HEADER.FIELDS (DATE)]<0>` is the atom `BODY[HEADER.FIELDS`, a list, and the atom `]<0>`.
 *
 * Bound: each byte is looked at once. Lists lie `imapNesting` deep at most.
 */
import { isUtf8 } from 'node:buffer'
import { imapNesting } from '@yabumi/limits'
import { BadCommand } from './bad.ts'

/** A word. A message that was handed on while it came is `streamed`: only its size in bytes is left of it. */
export type Token =
  | { readonly type: 'atom'; readonly text: string }
  | { readonly type: 'quoted'; readonly text: string }
  | { readonly type: 'literal'; readonly text: string; readonly binary: boolean }
  | { readonly type: 'streamed'; readonly sizeBytes: number; readonly binary: boolean }
  | { readonly type: 'list'; readonly items: readonly Token[] }

/** The literal that a line ends with: `{3}`, `{3+}`, `~{3}`. A synchronising one waits for our `+`. */
export interface Announced {
  readonly sizeBytes: number
  readonly waits: boolean
  readonly binary: boolean
}

const announcement = /^(~?)\{(\d{1,16})(\+?)\}$/

/** Collects the words of one command, a line at a time. */
export class Tokeniser {
  readonly #words: Token[] = []
  readonly #open: Token[][] = [this.#words]
  readonly #utf8: boolean

  /** @param utf8 - quoted strings may hold UTF-8 (RFC 6855 §3, RFC 9051 §4.3) */
  constructor(utf8: boolean) {
    this.#utf8 = utf8
  }

  /** What has come so far; lists that are open are in it. */
  get words(): readonly Token[] {
    return this.#words
  }

  /** The value of the literal that the last line ended with. */
  addLiteral(token: Token): void {
    this.#open.at(-1)?.push(token)
  }

  /**
   * The words of a line without its end, from a place on.
   *
   * @returns the literal that follows it, if it ends with one
   * @throws BadCommand
   */
  addLine(line: string, start: number): Announced | undefined {
    let at = start
    while (at < line.length) {
      const byte = line.charCodeAt(at)
      if (byte === 32) at += 1
      else if (byte === 34) at = this.#quoted(line, at + 1)
      else if (byte === 40) at = this.#begin(at)
      else if (byte === 41) at = this.#end(at)
      else if (byte === 123 || (byte === 126 && line.charCodeAt(at + 1) === 123)) return announcedBy(line.slice(at))
      else at = this.#atom(line, at)
    }
    return undefined
  }

  /** No line follows. @throws BadCommand - a list is not closed */
  finish(): readonly Token[] {
    if (this.#open.length > 1) throw new BadCommand("Missing ')'")
    return this.#words
  }

  #begin(at: number): number {
    if (this.#open.length > imapNesting) throw new BadCommand('Too many parentheses')
    const items: Token[] = []
    this.#open.at(-1)?.push({ type: 'list', items })
    this.#open.push(items)
    return at + 1
  }

  #end(at: number): number {
    if (this.#open.length === 1) throw new BadCommand("Unexpected ')'")
    this.#open.pop()
    return at + 1
  }

  #quoted(line: string, start: number): number {
    let text = ''
    let from = start
    for (let at = start; at < line.length; at += 1) {
      const byte = line.charCodeAt(at)
      if (byte === 34) {
        text += line.slice(from, at)
        this.#checkQuoted(text)
        this.#open.at(-1)?.push({ type: 'quoted', text })
        return at + 1
      }
      if (byte === 92) {
        const escaped = line.charCodeAt(at + 1)
        if (escaped !== 34 && escaped !== 92) throw new BadCommand('Escaping allowed only for specials')
        text += line.slice(from, at)
        from = at + 1
        at += 1
      } else if (byte === 0 || byte === 13) throw new BadCommand('Invalid character in a quoted string')
    }
    throw new BadCommand("Missing '\"'")
  }

  #checkQuoted(text: string): void {
    if (!/[\x80-\xff]/.test(text)) return
    if (!this.#utf8 || !isUtf8(Buffer.from(text, 'latin1'))) throw new BadCommand('8bit data in a quoted string')
  }

  #atom(line: string, start: number): number {
    let at = start
    for (; at < line.length; at += 1) {
      const byte = line.charCodeAt(at)
      if (byte === 32 || byte === 40 || byte === 41) break
      if (byte < 33 || byte > 126 || byte === 34 || byte === 123) throw new BadCommand('Invalid characters in atom')
    }
    this.#open.at(-1)?.push({ type: 'atom', text: line.slice(start, at) })
    return at
  }
}

function announcedBy(text: string): Announced {
  const found = announcement.exec(text)
  const sizeBytes = Number(found?.[2])
  if (found === null || !Number.isSafeInteger(sizeBytes)) throw new BadCommand('Invalid literal size')
  return { sizeBytes, waits: found[3] === '', binary: found[1] === '~' }
}
