/** Text for man(7): characters, fonts, lines. */

const lineColumns = 78

/** Characters that roff has other ideas about, or that a terminal would show as something else than what was written. */
const characters: Record<string, string> = {
  '\\': '\\(rs',
  '^': '\\(ha',
  '~': '\\(ti',
  '`': '\\(ga',
}

function escaped(text: string): string {
  let out = ''
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0
    if (code > 126) out += `\\[u${code.toString(16).toUpperCase().padStart(4, '0')}]`
    else out += characters[character] ?? character
  }
  return out
}

/** Something to be typed: every character as it is, and no dot the end of a sentence. */
export function literal(text: string): string {
  const exact = escaped(text).replaceAll('-', '\\-').replaceAll("'", '\\(aq').replaceAll('"', '\\(dq')
  return exact.replace(/([.!?])(?= |$)/g, '$1\\&')
}

/** What follows a name that is linked: the section of its page in brackets, or nothing where it has none. */
export type Reference = (program: string) => string

/** A text with inline marks: code, bold and links to other programs' pages in bold, emphasis in italics. */
export function inline(text: string, reference: Reference): string {
  const parts = /(`+)(.+?)\1(?!`)|\*\*(.+?)\*\*|\[([^\]]+)\]\(([^)\s]+)\)/g
  let out = ''
  let last = 0
  for (const match of text.matchAll(parts)) {
    out += escaped(text.slice(last, match.index))
    const [whole, , code, bold, label, target] = match
    if (code !== undefined) out += `\\fB${literal(code.replace(/^ (.+) $/, '$1'))}\\fR`
    else if (bold !== undefined) out += `\\fB${inline(bold, reference).replace(/\\f[BR]/g, '')}\\fR`
    else out += link(label ?? '', target ?? '', reference)
    last = (match.index ?? 0) + whole.length
  }
  return out + escaped(text.slice(last))
}

function link(label: string, target: string, reference: Reference): string {
  const program = /(?:^|\/)([a-z0-9-]+)\/README\.md(?:#.*)?$/.exec(target)?.[1]
  if (program !== undefined && program === label) return `\\fB${literal(program)}\\fR${reference(program)}`
  return inline(label, reference)
}

/** Filled text, in lines; none of them begins a request by accident. */
export function filled(text: string): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(/ +/).filter((one) => one !== '')) {
    if (line !== '' && line.length + 1 + word.length > lineColumns) {
      lines.push(line)
      line = word
    } else line = line === '' ? word : `${line} ${word}`
  }
  if (line !== '') lines.push(line)
  return lines.map(guarded)
}

/** Lines as they are, between the requests that keep them so. */
export function verbatim(lines: readonly string[]): string[] {
  return ['.nf', ...lines.map((line) => (line === '' ? '\\&' : guarded(literal(line)))), '.fi']
}

function guarded(line: string): string {
  return /^[.']/.test(line) ? `\\&${line}` : line
}
