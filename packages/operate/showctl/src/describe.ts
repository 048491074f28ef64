/** Every setting is said in words: its value, its default where no file sets it, or that its file cannot be read. */
import { statSync } from 'node:fs'
import { readDigits, readLine, readList } from '@yabumi/control'
import { printable } from '@yabumi/printable'
import type { Setting } from './settings.ts'

const trouble = 'Oops! Trouble reading this file.\n'

/** What a setting is now, with the line ends. @param me - control/me */
export function describe(setting: Setting, me: string | undefined): string {
  try {
    switch (setting.kind) {
      case 'line': {
        const value = readLine(setting.name)
        const otherwise = (setting.orMe ? me : undefined) ?? setting.otherwise
        return `${mark(value)}${setting.before}${printable(value ?? otherwise, '?')}.\n`
      }
      case 'number': {
        const value = readDigits(setting.name)
        return `${mark(value)}${setting.before}${BigInt(value ?? setting.otherwise)}${setting.after}.\n`
      }
      case 'list': {
        const lines = readList(setting.name)
        if (lines === undefined) return `${mark(lines)}${setting.none}\n`
        const entries = lines.flatMap((line) => line.split('\0'))
        return `\n${entries.map((entry) => `${setting.before}${printable(entry, '?')}${setting.after}\n`).join('')}`
      }
      case 'present':
        return `${setting.text}\n`
      case 'cdb':
        return `${describeCdb(setting)}\n`
    }
  } catch {
    return trouble
  }
}

/** What is said in front of a value that no file sets. */
function mark(value: unknown): string {
  return value === undefined ? '(Default.) ' : ''
}

function describeCdb({ name, source }: Setting & { kind: 'cdb' }): string {
  const cdb = changed(name)
  const text = changed(source)
  if (cdb === undefined) return text === undefined ? '(Default.) No effect.' : `Oops! ${source} exists but ${name} doesn't.`
  if (text === undefined) return `Oops! ${name} exists but ${source} doesn't.`
  if (cdb < text) return `Oops! ${name} is older than ${source}.`
  return 'Modified recently enough; hopefully up to date.'
}

/** When a control file was changed, in whole seconds; undefined if there is none. */
function changed(name: string): number | undefined {
  const stat = statSync(`control/${name}`, { throwIfNoEntry: false })
  return stat === undefined ? undefined : Math.floor(stat.mtimeMs / 1000)
}
