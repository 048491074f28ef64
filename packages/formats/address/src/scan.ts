/**
 * Where the parts of a line end in which people write addresses: entries between commas, quoted strings, comments,
 * angle brackets.
 */

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

export function behindString(text: string, start: number): number {
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

/** Without the backslashes that quote. */
export function unescaped(text: string): string {
  return text.replace(/\\(.)/gs, '$1')
}
