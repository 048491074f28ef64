/**
 * The grammar of sendmail's .forward: entries between commas and line ends (README.md, "The .forward file").
 *
 * Quoted strings, comments in brackets and angle brackets keep their commas. No entry goes over several lines.
 */

/** One entry. The text is a byte string, unquoted. */
export interface ForwardEntry {
  /** `mailbox` is a name behind a backslash: that user's mailbox, past any .forward. */
  readonly kind: 'address' | 'mailbox' | 'program' | 'file' | 'include'
  readonly text: string
}

/**
 * The entries of a .forward or included file. Lines that begin with # and empty entries are none.
 *
 * @throws Error, whose message names what is not closed
 */
export function parseForwardFile(text: string): ForwardEntry[] {
  return text
    .split('\n')
    .filter((line) => !/^[ \t]*#/.test(line))
    .flatMap(splitLine)
    .map(parseEntry)
    .filter((entry) => entry.text !== '')
}

/** The entries of a line, between its commas. @throws Error if something is not closed */
export function splitLine(line: string): string[] {
  const entries: string[] = []
  let start = 0
  let isProgram = isProgramAt(line, 0)
  for (let position = 0; position < line.length; ) {
    if (line[position] === ',') {
      entries.push(line.slice(start, position).trim())
      position += 1
      start = position
      isProgram = isProgramAt(line, start)
    } else {
      position = isProgram && line[position] !== '"' ? position + 1 : behind(line, position)
    }
  }
  return [...entries, line.slice(start).trim()]
}

/** Whether the entry that begins here is a command, whose brackets are the shell's. */
function isProgramAt(line: string, start: number): boolean {
  return /^[ \t]*\|/.test(line.slice(start, start + 100))
}

/** The position behind what begins here: a quoted string, a comment, angle brackets, an escaped or a plain character. */
export function behind(text: string, start: number): number {
  switch (text[start]) {
    case '\\':
      return Math.min(start + 2, text.length)
    case '"':
      return behindString(text, start)
    case '(':
      return behindComment(text, start)
    case '<':
      return behindAngle(text, start)
    default:
      return start + 1
  }
}

function behindString(text: string, start: number): number {
  for (let position = start + 1; position < text.length; position += 1) {
    if (text[position] === '"') return position + 1
    if (text[position] === '\\') position += 1
  }
  throw new Error('a quoted string is not closed')
}

function behindComment(text: string, start: number): number {
  let depth = 0
  for (let position = start; position < text.length; position += 1) {
    if (text[position] === '\\') position += 1
    else if (text[position] === '(') depth += 1
    else if (text[position] === ')') depth -= 1
    if (depth === 0) return position + 1
  }
  throw new Error('a comment is not closed')
}

function behindAngle(text: string, start: number): number {
  for (let position = start + 1; position < text.length; ) {
    if (text[position] === '>') return position + 1
    position = text[position] === '<' ? position + 1 : behind(text, position)
  }
  throw new Error('an angle bracket is not closed')
}

function parseEntry(raw: string): ForwardEntry {
  const inner = raw[0] === '"' && behindString(raw, 0) === raw.length ? raw.slice(1, -1) : raw
  const isQuoted = inner !== raw
  if (inner[0] === '|') return { kind: 'program', text: isQuoted ? unescaped(inner.slice(1)) : unquoted(inner.slice(1).trim()) }
  const path = inner.replace(/^(?:~|\$HOME)\//, './')
  if (path.startsWith('/') || path.startsWith('./')) return { kind: 'file', text: isQuoted ? unescaped(path) : path }
  if (/^:include:/i.test(inner)) return { kind: 'include', text: unquoted(inner.slice(':include:'.length).trim()) }
  if (inner[0] === '\\') return { kind: 'mailbox', text: addressIn(inner.slice(1)) }
  return { kind: 'address', text: addressIn(raw) }
}

/** A text that is wholly one quoted string, without its quotes; any other text as it is. */
function unquoted(text: string): string {
  return text[0] === '"' && behindString(text, 0) === text.length ? unescaped(text.slice(1, -1)) : text
}

/** Without the backslashes that quote. */
export function unescaped(text: string): string {
  return text.replace(/\\(.)/gs, '$1')
}

/** The envelope address in an entry: without comments, names, quotes and white space. */
function addressIn(raw: string): string {
  let address = ''
  for (let position = 0; position < raw.length; ) {
    const end = behind(raw, position)
    const piece = raw.slice(position, end)
    position = end
    if (piece[0] === '<') return addressIn(piece.slice(1, -1)).replace(/^@[^:]*:/, '')
    if (piece[0] === '"') address += unescaped(piece.slice(1, -1))
    else if (piece[0] === '\\') address += piece.slice(1)
    else if (piece[0] !== '(' && !/[ \t\r]/.test(piece)) address += piece
  }
  return address
}
