/** The list in control/README.md, made of the table in package controlfiles. */
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

function item(name: string, file: ControlFile): string {
  const readers = file.readBy === 'all' ? 'all programs' : file.readBy.join(', ')
  return `- [${name}](${name}.sample): ${file.says}. A ${kinds[file.kind]}, read by ${readers}. ${withoutIt(file)}`
}

function withoutIt(file: ControlFile): string {
  const value = file.orMe ? 'me' : 'otherwise' in file ? file.otherwise : undefined
  const holds = [value, file.without].filter((part) => part !== undefined).join(', ')
  return `Without it: ${holds}.${file.inNewHomes === undefined ? '' : ` config-fast writes ${file.inNewHomes}.`}`
}
