/** The list in control/README.md, made of the table in package controlfiles. */
import { type ControlFile, controlFiles } from '@yabumi/controlfiles'

/** A row each, control/me first, the others in the order of the alphabet. */
export function controlRows(files: Readonly<Record<string, ControlFile>> = controlFiles): string {
  const { me, ...others } = files
  const rows = Object.entries(others).sort(([one], [other]) => (one < other ? -1 : 1))
  return [...(me === undefined ? [] : [['me', me] as const]), ...rows].map(([name, file]) => row(name, file)).join('')
}

function row(name: string, file: ControlFile): string {
  const readers = file.readBy === 'all' ? file.readBy : file.readBy.join(', ')
  return `| [${name}](${name}.sample) | ${file.kind} | ${withoutIt(file)} | ${readers} | ${file.says} |\n`
}

function withoutIt(file: ControlFile): string {
  const value = file.orMe ? 'me' : 'otherwise' in file ? file.otherwise : undefined
  const holds = [value, file.without].filter((part) => part !== undefined).join(': ')
  return file.inNewHomes === undefined ? holds : `${holds}; config-fast writes ${file.inNewHomes}`
}
