/** Words of an IMAP answer as values that can be compared: a quoted string equals a literal, and atoms have no case. */

export type Words = string | readonly Words[]

/** Strings get a `"` in front; lists become arrays. @throws Error - the text is no answer */
export function imapWords(text: string): Words[] {
  let at = 0
  const skip = (): void => {
    while (text[at] === ' ') at += 1
  }
  const quoted = (): string => {
    let value = '"'
    for (at += 1; text[at] !== '"'; at += 1) {
      if (at >= text.length) throw new Error(`no end: ${text}`)
      if (text[at] === '\\') at += 1
      value += text[at]
    }
    at += 1
    return value
  }
  const atom = (): string => {
    const start = at
    for (let depth = 0; at < text.length && (depth > 0 || !' ()'.includes(text[at] as string)); at += 1) {
      if (text[at] === '[') depth += 1
      if (text[at] === ']') depth -= 1
    }
    return text.slice(start, at).toUpperCase()
  }
  const one = (): Words => {
    const literal = /^~?\{(\d+)\}\r\n/.exec(text.slice(at, at + 24))
    if (text[at] === '"') return quoted()
    if (literal !== null) {
      const start = at + literal[0].length
      at = start + Number(literal[1])
      return `"${text.slice(start, at)}`
    }
    if (text[at] !== '(') return atom()
    const items: Words[] = []
    at += 1
    for (skip(); text[at] !== ')'; skip()) {
      if (at >= text.length) throw new Error(`no end: ${text}`)
      items.push(one())
    }
    at += 1
    return items
  }
  const all: Words[] = []
  for (skip(); at < text.length; skip()) all.push(one())
  return all
}
