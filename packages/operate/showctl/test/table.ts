/** One table of settings, package controlfiles: what showctl knows, what the programs read, and the samples are the same. */
import { existsSync, globSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { controlFiles } from '@yabumi/controlfiles'
import t from 'tap'
import { ourSettings, settingsOf } from '../src/settings.ts'

const root = join(import.meta.dirname, '../../../..')
const table = new Map(Object.entries(controlFiles))
const settings = [...settingsOf(true), ...ourSettings]
const sources = globSync('packages/*/*/src/**/*.ts', { cwd: root }).map((path) => readFileSync(join(root, path), 'utf8'))

t.test('showctl knows what the table lists, and nothing else', async (t) => {
  const texts = settings.map(({ name }) => name).filter((name) => !name.endsWith('.cdb'))
  t.same(texts.sort(), [...table.keys()].sort())
  const page = readFileSync(join(root, 'control/README.md'), 'utf8')
  for (const { name, kind } of settings.filter(({ name }) => name.endsWith('.cdb'))) t.ok(page.includes(`\`${name}\``), `${name}, ${kind}`)
})

t.test('each is shown as what it is', async (t) => {
  const shown: Record<string, readonly string[]> = {
    line: ['line'],
    number: ['number'],
    list: ['list', 'present'],
    'key:value': ['list'],
    text: ['list'],
    secret: ['present'],
    directory: ['present'],
  }
  for (const { name, kind } of settings) if (table.has(name)) t.ok(shown[table.get(name)?.kind ?? '']?.includes(kind), `${name}: ${kind}`)
})

t.test('each has a sample, and every sample is one of them', async (t) => {
  const samples = readdirSync(join(root, 'control')).flatMap((name) => (name.endsWith('.sample') ? [name.slice(0, -'.sample'.length)] : []))
  t.same(samples.sort(), [...table.keys()].sort())
})

t.test('each is read by programs that there are', async (t) => {
  const isProgram = (name: string): boolean => existsSync(join(root, 'bin', name))
  for (const [name, { readBy }] of table) t.ok(readBy === 'all' || (readBy.length > 0 && readBy.every(isProgram)), name)
})

t.test('what the programs read by its name is listed', async (t) => {
  const call = /\bread(?:Line|LineOrMe|Number|Digits|List|Control)\('([^']+)'/g
  const names = new Set(sources.flatMap((source) => [...source.matchAll(call)].map(([, name = '']) => name)))
  t.ok(names.size > 40)
  t.same(
    [...names].filter((name) => !table.has(name)),
    [],
  )
})

t.test('a default that a program writes in digits is the one of the table; others come from package limits', async (t) => {
  /** Where the program asks something else: whether the file is there, or says a number at all. */
  const otherwise = new Set(['concurrencylocal, 0', 'concurrencyremote, 0', 'maxrecipients, 0'])
  const call = /'([a-z_]+)', ([0-9_]+)[,)]/g
  const found = sources.flatMap((source) => [...source.matchAll(call)].map(([, name = '', digits = '']) => ({ name, digits })))
  const defaults = found.filter(({ name, digits }) => table.get(name)?.kind === 'number' && !otherwise.has(`${name}, ${digits}`))
  t.ok(defaults.length > 8)
  for (const { name, digits } of defaults) {
    t.ok(Number(digits) <= 1, `${name}: ${digits} is no switch, and so belongs into package limits`)
    t.match(table.get(name), { otherwise: Number(digits) }, name)
  }
})

t.test('a word that holds without a file, or control/me instead of it, does so in the table and in the programs', async (t) => {
  const calls = (pattern: RegExp) =>
    sources.flatMap((source) => [...source.matchAll(pattern)].map(([, name = '', word = '']) => ({ name, word })))
  // without control/me programs stop, but for authd: its challenge has a host all the same
  const words = calls(/\breadLine\('([^']+)'\) \?\? '([^']+)'/g)
  const hosts = calls(/\breadLineOrMe\('([^']+)'\)/g)
  t.ok(words.length > 1)
  for (const { name, word } of words) t.match(table.get(name), { otherwise: word }, name)
  t.ok(hosts.length > 4)
  for (const { name } of hosts) t.match(table.get(name), { orMe: true }, name)
})
