/**
 * What is said of settings, made of the table in package controlfiles.
 *
 * It is the list in control/README.md, and a comment in each sample.
 */
import { globSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { type ControlFile, controlFiles } from '@yabumi/controlfiles'
import { wrapped } from './wrapped.ts'

const kinds = {
  line: 'line',
  number: 'number',
  list: 'list',
  'key:value': 'list of key:value',
  text: 'text',
  secret: 'secret',
  directory: 'directory',
} as const

/** An item each, control/me first, the others in the order of the alphabet. */
export function controlItems(files: Readonly<Record<string, ControlFile>> = controlFiles): string {
  const { me, ...others } = files
  const sorted = Object.entries(others).sort(([one], [other]) => (one < other ? -1 : 1))
  return [...(me === undefined ? [] : [['me', me] as const]), ...sorted].map(([name, file]) => `${wrapped(item(name, file))}\n`).join('')
}

/** The samples that there are, by their paths relative to the root, each with its comment. */
export function explainedSamples(root: string): [path: string, text: string][] {
  return globSync('control/*.sample', { cwd: root }).flatMap((path) => {
    const file = controlFiles[basename(path, '.sample')]
    return file === undefined ? [] : [[path, explained(readFileSync(join(root, path), 'utf8'), file)]]
  })
}

/** @returns the value, and below an empty line what it means: there a comment counts for nothing, whatever the kind of file */
function explained(sample: string, file: ControlFile): string {
  const value = sample.replace(/\n\n# .*/s, '').trimEnd()
  return `${value}\n\n${wrapped(`# ${meaning(file)}`, '# ')}\n`
}

function item(name: string, file: ControlFile): string {
  return `- [${name}](${name}.sample): ${meaning(file)}`
}

function meaning(file: ControlFile): string {
  const readers = file.readBy === 'all' ? 'all programs' : file.readBy.join(', ')
  return `${file.says}. A ${kinds[file.kind]}, read by ${readers}. ${withoutIt(file)}`
}

function withoutIt(file: ControlFile): string {
  const value = file.orMe ? 'me' : 'otherwise' in file ? file.otherwise : undefined
  const holds = [value, file.without].filter((part) => part !== undefined).join(', ')
  return `Without it: ${holds}.${file.inNewHomes === undefined ? '' : ` config-fast writes ${file.inNewHomes.replaceAll('\n', ', ')}.`}`
}
