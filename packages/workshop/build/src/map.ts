/**
 * What is made of the table in wings.ts, and of package controlfiles: lists, pages and a picture.
 *
 * make map prints the graph, make map-write (`--write`) writes what is made; boundaries.ts compares it.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { controlItems, explainedSamples } from './controllist.ts'
import { picture } from './picture.ts'
import { foundations, membersOf, placeOf, type Wing, wings } from './wings.ts'
import { wrapped } from './wrapped.ts'

/**
 * The files that say who lives where, and which settings there are, as they should be, by their paths relative to the root. Of README.md,
 * package.json, tsconfig.json and control/README.md it is one list, of a sample its comment; the rest of the file stays as it is.
 *
 * @throws Error if a file has no place for its list
 */
export function made(root: string, wings: readonly Wing[]): Map<string, string> {
  const read = (path: string): string => readFileSync(join(root, path), 'utf8')
  const describe = (wing: Wing, name: string): string => JSON.parse(read(`${placeOf(wing, name)}/package.json`)).description
  const places = wings.flatMap((wing) => membersOf(wing).map((name) => placeOf(wing, name)))
  return new Map([
    ['README.md', withList(read('README.md'), /(?<=^## The programs\n(?:[^#\n-].*\n|\n)*)(?:- .*\n(?: {2}.*\n)*)+/m, programList(wings))],
    ['package.json', withList(read('package.json'), /"workspaces": \[[^\]]*\]/, `"workspaces": ${pretty(places, '  ')}`)],
    ['tsconfig.json', `${pretty({ files: [], references: places.map((path) => ({ path })) })}\n`],
    ['control/README.md', withList(read('control/README.md'), /(?:^- \[.*\n(?: {2}.*\n)*)+/m, controlItems())],
    ...explainedSamples(root),
    ['packages/README.md', overview(wings)],
    ['packages/wings.svg', picture(wings)],
    ...wings.map((wing) => [`packages/${wing.name}/README.md`, wingPage(wing, wings, describe)] as const),
  ])
}

function pretty(value: unknown, indent = ''): string {
  return JSON.stringify(value, undefined, 2).replaceAll('\n', `\n${indent}`)
}

function withList(text: string, place: RegExp, list: string): string {
  if (!place.test(text)) throw new Error(`no place for ${list.slice(0, 40)}...`)
  return text.replace(place, () => list)
}

function programList(wings: readonly Wing[]): string {
  const items = wings.map((wing) => {
    const links = wing.programs.map((name) => `[${name}](${placeOf(wing, name)}/README.md)`)
    const programs = links.length === 0 ? '' : `: ${links.join(' ')}`
    return wrapped(`- **[${wing.name}](packages/${wing.name}/README.md)**, where ${wing.happens}${programs}`)
  })
  return `${items.join('\n')}\n`
}

function overview(wings: readonly Wing[]): string {
  const items = wings.map((wing) => {
    const looked = looks(wing, wings, '')
    return wrapped(`- [${wing.name}](${wing.name}/README.md): ${wing.happens}.${looked === undefined ? '' : ` Looks into ${looked}.`}`)
  })
  const share = 'A process is a package, and so is a noun that two of them share. They live in wings, in the order of a message’s path:'
  const parts = 'Where a wing looks into parts of another one only, these stand in brackets. Into formats and system every wing may look.'
  const table = '[wings.ts](workshop/build/src/wings.ts) is the table of all this, and of what each wing may use of Node.'
  const make =
    '`make map` prints it. After a change, `make map-write` makes this page, those of the wings, the list in README.md, and the lists of npm and the compiler.'
  return `# The packages

${wrapped(share)}

${items.join('\n')}

${wrapped(parts)}

![Each wing, above those that it looks into](wings.svg)

Strong lines lead to the nearest, thin ones to others.

${wrapped(`${table} ${make} What a package imports stands in its package.json.`)}
`
}

function wingPage(wing: Wing, wings: readonly Wing[], describe: (wing: Wing, name: string) => string): string {
  const list = (names: readonly string[]) =>
    names.map((name) => wrapped(`- [${name}](${name}/README.md): ${describe(wing, name)}`)).join('\n')
  const programs = wing.programs.length === 0 ? [] : ['Programs:', list(wing.programs)]
  const nouns = wing.nouns.length === 0 ? [] : [wing.programs.length === 0 ? 'Nouns:' : 'Nouns that they share:', list(wing.nouns)]
  const looked = looks(wing, wings, '../')
  const sight = [
    ...(looked === undefined ? [] : [`It may look into ${looked}.`]),
    foundations.includes(wing.name)
      ? 'Every wing may look into it.'
      : 'As every wing, it may look into [formats](../formats/README.md) and [system](../system/README.md).',
    `Of Node: ${rights(wing)}.`,
  ]
  return `${[`# ${wing.name}`, `Here ${wing.happens}.`, ...programs, ...nouns, sight.map((line) => wrapped(line)).join('\n')].join('\n\n')}\n`
}

/** A wing once, with its nouns where it is not the whole; undefined where there is none. */
function looks({ looksInto }: Wing, wings: readonly Wing[], up: string): string | undefined {
  const each = wings.flatMap(({ name }) => {
    const nouns = looksInto.flatMap((what) => (what.startsWith(`${name}/`) ? [what.slice(name.length + 1)] : []))
    if (looksInto.includes(name)) return [`[${name}](${up}${name}/README.md)`]
    return nouns.length === 0 ? [] : [`[${name}](${up}${name}/README.md) (${nouns.join(', ')})`]
  })
  return each.length === 0 ? undefined : each.join(', ')
}

function rights({ node, nodeOf = {} }: Wing): string {
  const say = (list: readonly string[]): string => (list.length === 0 ? 'nothing that reaches beyond the process' : list.join(', '))
  return [say(node), ...Object.entries(nodeOf).map(([name, own]) => `${name}: ${say(own)}`)].join('; ')
}

/** The graph as text. */
export function printed(wings: readonly Wing[]): string {
  return wings
    .map((wing) => {
      const lines: [string, string][] = [
        ['programs', wing.programs.join(' ')],
        ['nouns', wing.nouns.join(' ')],
        ['looks into', wing.looksInto.join(' ')],
        ['node', rights(wing)],
      ]
      const told = lines.filter(([, text]) => text !== '').map(([what, text]) => `  ${what.padEnd(11)} ${text}\n`)
      return `${wing.name}: ${wing.happens}\n${told.join('')}`
    })
    .join('\n')
}

if (process.argv[1] === import.meta.filename) {
  const root = join(import.meta.dirname, '../../../..')
  if (process.argv.includes('--write')) for (const [path, text] of made(root, wings)) writeFileSync(join(root, path), text)
  else process.stdout.write(printed(wings))
}
