/** A README as a manual page. */
import { type Block, blocksOf } from './blocks.ts'
import { plain, requestsFor, sectionRequest, subsectionRequest } from './body.ts'
import { filled, inline, type Reference, verbatim } from './roff.ts'

/** What a page says about itself. */
export interface Title {
  readonly name: string
  /** 1 a person's command, 5 a file format, 7 an overview, 8 the system's. */
  readonly section: number
  /** As `2026-11-22`. */
  readonly date: string
  readonly version: string
  /** The section of another program's page. */
  /** undefined for what has no page: a wing, a noun. */
  readonly sectionOf: (program: string) => number | undefined
}

const longestPurpose = 100 // characters; a longer sentence ends at its colon

const sectionNames = '(?:options|environment|control files|files|exit codes?|descriptors?|examples?|signals|limits|see also)'
/** A bold lead that is a section's name: alone, or behind the end of another one. */
const leadName = `${sectionNames}(?: and [a-z ]+|, [a-z, ]+)?`
const leadEnd = '(?:\\.\\*\\*|\\*\\*:|\\*\\*(?=$))'
const leadSplit = new RegExp(`(?<=^|[.;:)] )(?=\\*\\*${leadName}${leadEnd})`, 'i')
const lead = new RegExp(`^\\*\\*(${leadName})${leadEnd} *`, 'i')

/** The man(7) source of a README. */
export function manualPage(markdown: string, title: Title): string {
  const blocks = blocksOf(markdown).filter((block, index) => index > 0 || block.kind !== 'heading')
  const reference: Reference = (name) => {
    const section = title.sectionOf(name)
    return section === undefined ? '' : `(${section})`
  }
  const synopsis = synopsisOf(blocks, title.name)
  const out = [
    `.TH ${title.name.toUpperCase().replaceAll('-', '\\-')} ${title.section} ${title.date} "yabumi ${title.version}" "yabumi manual"`,
    '.SH NAME',
    ...filled(`${title.name} \\- ${inline(purposeOf(blocks), reference)}`),
    ...(synopsis === undefined ? [] : ['.SH SYNOPSIS', ...verbatim(synopsis.lines)]),
    ...bodyOf(
      blocks.filter((block) => block !== synopsis),
      reference,
    ),
  ]
  return `${out.join('\n')}\n`
}

/** The lines of the first indented block, if they show how the program is called. */
export function synopsisLines(markdown: string, name: string): readonly string[] {
  return synopsisOf(blocksOf(markdown), name)?.lines ?? []
}

function synopsisOf(blocks: readonly Block[], name: string): Extract<Block, { kind: 'code' }> | undefined {
  const call = callOf(name)
  const end = blocks.findIndex((block, index) => index > 0 && block.kind === 'heading')
  const before = end < 0 ? blocks : blocks.slice(0, end)
  return before.find((block) => block.kind === 'code' && block.lines.some((line) => call.test(line))) as ReturnType<typeof synopsisOf>
}

/** How a line begins that calls the program. */
export function callOf(name: string): RegExp {
  return new RegExp(`^([A-Z_]+=\\S+ )*(bin/)?${name}(\\s|$)`)
}

/** One line that says what it is for: the first sentence. */
function purposeOf(blocks: readonly Block[]): string {
  const first = blocks.find((block) => block.kind === 'paragraph')
  const text = plain(first?.kind === 'paragraph' ? first.text : '')
  const whole = /^.*?(?=\.(?:\s|$))/.exec(text)?.[0] ?? text
  const sentence = whole.length > longestPurpose ? (/^.*?(?=:\s)/.exec(whole)?.[0] ?? whole) : whole
  return /^[A-Z][a-z]/.test(sentence) ? `${sentence.charAt(0).toLowerCase()}${sentence.slice(1)}` : sentence
}

function bodyOf(blocks: readonly Block[], reference: Reference): string[] {
  const out: string[] = []
  let isOpen = false
  let isFresh = false
  const begin = (request: string): void => {
    out.push(request)
    isOpen = true
    isFresh = true
  }
  for (const block of blocks.flatMap(splitLeads)) {
    if (block.kind === 'heading') begin(block.level <= 2 ? sectionRequest(block.text) : subsectionRequest(block.text))
    else {
      if (!isOpen) begin(sectionRequest('Description'))
      const requests = requestsFor(block, reference)
      out.push(...(isFresh && requests[0] === '.PP' ? requests.slice(1) : requests))
      isFresh = false
    }
  }
  return out.filter((line, index) => !isEmptySection(line, out[index + 1]))
}

function isEmptySection(line: string, next: string | undefined): boolean {
  return line.startsWith('.SH ') && next?.startsWith('.SH ') === true
}

/** A paragraph whose bold leads are names of sections, as a section each. */
function splitLeads(block: Block): Block[] {
  if (block.kind !== 'paragraph') return [block]
  return block.text.split(leadSplit).flatMap((text): Block[] => {
    const name = lead.exec(text)
    if (name === null) return text.trim() ? [{ kind: 'paragraph', text }] : []
    const rest = text.slice(name[0].length)
    const title: Block = { kind: 'heading', level: 2, text: name[1] ?? '' }
    return rest === '' ? [title] : [title, { kind: 'paragraph', text: rest }]
  })
}
