/**
 * Find pointers into specifications that lead nowhere: of the form spec §2.7.5, to docs/interfaces/, and RFC 5321
 * §4.5.3.
 */

/** How a section of docs/interfaces/ begins: with its mark and number, in a heading or in an item of a list. */
const beginning = /^(?:#+|-) \xa7(\d+(?:\.\d+)*)(?= )/gm

/** The sections that a page of docs/interfaces/ has. */
export function sectionsIn(markdown: string): string[] {
  return [...markdown.matchAll(beginning)].map((match) => match[1] as string)
}

const mark = '\xa7'
const section = /\xa7(?:[A-Z]\.)?\d+(?:\.\d+)*/.source
const more = `(?:(?:,|\\s+and|,\\s+and|\\s+or|\\s+to)\\s+${section})*`
const known = new RegExp(`\\b(?:(spec)|RFC\\s\\d{1,5},?|(?:INTERNALS|SECURITY)(?:\\.md)?\\)?)\\s+(${section}${more})`, 'gi')
/** RFC822 is no pointer: IMAP's data items are called so. */
const malformed = /\bRFC-?(?!822\b)\d+|\bRFC\s\d+,?\s(?:[Ss]ection|sec\.|chapter)\s?\d+|\bRFC\s\d+\xa7/g

/** Every pointer in a text that has not its form, or names a section of the specification that no page has. */
export function referenceProblems(file: string, text: string, sections: ReadonlySet<string>): string[] {
  const problems: string[] = []
  // A comment's marks at the beginning of a line are blanks, so that a pointer may go over its end.
  const plain = text.replace(/(?<=\n)[ \t]*(?:\*|\/\/)/g, blank).replace(beginning, blank)
  const where = (index: number): string => `${file}:${text.slice(0, index).split('\n').length}`
  const seen = new Set<number>()
  for (const match of plain.matchAll(known)) {
    for (const [index] of [...match[0]].entries()) seen.add(match.index + index)
    if (match[1] === undefined) continue
    for (const [, number] of match[0].matchAll(/\xa7([\d.]*\d)/g)) {
      if (!sections.has(number as string)) problems.push(`${where(match.index)}: spec ${mark}${number} is in no page of docs/interfaces`)
    }
  }
  for (const match of plain.matchAll(malformed)) {
    problems.push(`${where(match.index)}: ${match[0]}: write it as RFC 5321 ${mark}4.5.3`)
  }
  for (const match of plain.matchAll(/\xa7/g)) {
    if (!seen.has(match.index)) problems.push(`${where(match.index)}: a section of what?`)
  }
  return problems
}

function blank(mark: string): string {
  return ' '.repeat(mark.length)
}
