/** Records as the form of a provider asks for them: names within the domain, no quotes, no final dots. */
import type { Advice } from './advice.ts'

/** Types whose values begin with a number that forms have a field of its own for. */
const withPriority: ReadonlySet<string> = new Set(['MX', 'SRV'])

/** The text of them, with an empty line between two. What another one sets up is its sentence and the line. */
export function formText(advice: readonly Advice[], domain: string): string {
  return advice.map((each) => entry(each, domain)).join('\n')
}

function entry({ sentence, line }: Advice, domain: string): string {
  const [, owner, type = '', data = ''] = /^(\S+)\. IN (\S+) (.+)$/.exec(line) ?? []
  if (owner === undefined) return `${sentence}\n${line.replace(/^; /, '')}\n`
  const [, priority = '', rest = data] = withPriority.has(type) ? (/^(\d+) (.+)$/.exec(data) ?? []) : []
  const pairs = [
    ['Name', nameIn(owner, domain)],
    ['Type', type],
    ...(priority === '' ? [] : [['Priority', priority]]),
    ['Value', type === 'TXT' ? unquoted(rest) : rest.replace(/(?<=[^ ])\.$/, '')],
  ]
  return `${sentence}\n${pairs.map(([name, value]) => `${name}: ${value}\n`).join('')}`
}

/** `@` for the domain itself. A host that is elsewhere keeps its name: its records belong into another form. */
function nameIn(owner: string, domain: string): string {
  if (owner === domain) return '@'
  return owner.endsWith(`.${domain}`) ? owner.slice(0, -domain.length - 1) : owner
}

function unquoted(text: string): string {
  return [...text.matchAll(/"([^"]*)"/g)].map(([, part]) => part).join('')
}
