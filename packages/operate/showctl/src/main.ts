/**
 * showctl: show the settings of a home, what each control file means and what holds without it (spec §8.1). README.md
 * is the manual page.
 *
 * Everything, complaints too, goes to descriptor 1.
 */
import { accessSync, constants, readdirSync } from 'node:fs'
import { onControlWarning, readLine } from '@yabumi/control'
import { writeAll } from '@yabumi/files'
import { homeDirectory } from '@yabumi/home'
import { spawnDeliveries } from '@yabumi/limits'
import { split } from '@yabumi/queuedir'
import { errnoOf } from '@yabumi/trouble'
import { groupIds, userIds } from './accounts.ts'
import { describe } from './describe.ts'
import { ourSettings, settingsOf } from './settings.ts'

/** Nothing further can be said. The text is the last of the report. */
class Oops extends Error {}

function attempt<Result>(complaint: string, act: () => Result): Result {
  try {
    return act()
  } catch (cause) {
    throw new Oops(complaint, { cause })
  }
}

function* report(): Generator<string, void> {
  const home = homeDirectory()
  const homeBytes = Buffer.from(home).toString('latin1')
  yield `qmail home directory: ${homeBytes}.\n`
  yield 'user-ext delimiter: -.\n'
  yield 'paternalism (in decimal): 2.\n'
  yield `silent concurrency limit: ${spawnDeliveries}.\n`
  yield `subdirectory split: ${split}.\n`
  yield `user ids: ${userIds(home).join(', ')}.\n`
  yield `group ids: ${groupIds(home).join(', ')}.\n`
  attempt(`Oops! Unable to chdir to ${homeBytes}.\n`, () => process.chdir(home))
  attempt('Oops! Unable to chdir to control.\n', () => accessSync('control/.', constants.X_OK))
  const names = attempt('Oops! Unable to open current directory.\n', () => new Set(readdirSync('control', 'latin1')))
  const warnings = new Map<string, string>()
  onControlWarning((warning, name) => warnings.set(name, `${warnings.get(name) ?? ''}Oops! ${warning}.\n`))
  const me = attempt('Oops! Trouble reading control/me.', () => readLine('me')) // no line end in qmail's words
  const isCheckout = names.delete('README.md')
  const settings = settingsOf(names.has('rcpthosts'))
  for (const { name } of isCheckout ? [...settings, ...ourSettings] : []) names.delete(`${name}.sample`)
  const ours = ourSettings.filter(({ name }) => names.has(name))
  for (const setting of [...settings, ...ours]) {
    yield block(setting.name, describe(setting, me) + (warnings.get(setting.name) ?? ''))
    names.delete(setting.name)
  }
  for (const name of names) yield block(name, 'I have no idea what this file does.\n')
}

function block(name: string, body: string): string {
  return `\n${name}: ${body}`
}

function main(): number {
  let text = ''
  try {
    for (const part of report()) text += part
    write(text)
    return 0
  } catch (error) {
    if (errnoOf(error) === 'EPIPE') return 0 // whoever asked has seen enough
    if (!(error instanceof Oops)) throw error
    write(text + error.message)
    return 111
  }
}

function write(text: string): void {
  const bytes = Buffer.from(text, 'latin1')
  writeAll(1, bytes)
}

process.exitCode = main()
