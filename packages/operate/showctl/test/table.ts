/** One table of settings: what showctl knows, what control/README.md lists, what the programs read, and the samples are the same. */
import { globSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { ourSettings, settingsOf } from '../src/settings.ts'

const root = join(import.meta.dirname, '../../../..')
const readme = readFileSync(join(root, 'control/README.md'), 'utf8')
const settings = [...settingsOf(true), ...ourSettings]

/** Name, kind and default of each row. */
const rows = new Map(
  [...readme.matchAll(/^\| \[([a-z_]+)\]\(\1\.sample\) \| (\S+) \| ([^|]*) \|/gm)].map(([, name = '', kind = '', without = '']) => [
    name,
    { kind, without },
  ]),
)
const kinds: Record<string, readonly string[]> = {
  line: ['line'],
  number: ['number'],
  list: ['list', 'present'],
  'key:value': ['list'],
  text: ['list'],
}

t.test('showctl knows what control/README.md lists, and nothing else', async (t) => {
  const texts = settings.map(({ name }) => name).filter((name) => !name.endsWith('.cdb'))
  t.same([...rows.keys()].sort(), texts.sort())
  for (const { name, kind } of settings.filter(({ name }) => name.endsWith('.cdb')))
    t.ok(readme.includes(`\`${name}\``), `${name}, ${kind}`)
})

t.test('each has the same kind and default in both', async (t) => {
  for (const setting of settings) {
    const row = rows.get(setting.name)
    if (row === undefined) continue
    t.ok(kinds[row.kind]?.includes(setting.kind), `${setting.name}: ${row.kind}, ${setting.kind}`)
    const digits = /^\d+/.exec(row.without)?.[0]
    if (setting.kind === 'number' && digits !== undefined) t.equal(setting.otherwise, Number(digits), setting.name)
    if (setting.kind === 'line' && setting.orMe) t.equal(row.without, 'me', setting.name)
  }
})

t.test('each has a sample, and every sample is one of them', async (t) => {
  const samples = readdirSync(join(root, 'control')).flatMap((name) => (name.endsWith('.sample') ? [name.slice(0, -'.sample'.length)] : []))
  t.same(samples.sort(), [...rows.keys()].sort())
})

t.test('what the programs read by its name is listed', async (t) => {
  const call = /\bread(?:Line|LineOrMe|Number|Digits|List|Control)\('([^']+)'/g
  const sources = globSync('packages/*/*/src/**/*.ts', { cwd: root }).map((path) => readFileSync(join(root, path), 'utf8'))
  const names = new Set(sources.flatMap((source) => [...source.matchAll(call)].map(([, name = '']) => name)))
  t.ok(names.size > 40)
  t.same(
    [...names].filter((name) => !rows.has(name)),
    [],
  )
})
