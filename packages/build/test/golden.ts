import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { goldenRuns } from '../src/golden.ts'

const root = join(import.meta.dirname, '../../..')

t.test('as root and as a normal user, the same vector files are run, each once', async (t) => {
  const files = (asRoot: boolean) => goldenRuns(root, asRoot).flatMap((args) => args.filter((arg) => arg.endsWith('.jsonl')))
  t.ok(files(true).length > 0)
  t.same(files(true).sort(), files(false).sort())
  t.equal(new Set(files(true)).size, files(true).length)
})

t.test('a vector file that no list names is an error', async (t) => {
  const names = readdirSync(join(root, 'test/golden')).filter((name) => name.endsWith('.jsonl'))
  const golden = Object.fromEntries(names.map((name) => [name, '']))
  t.throws(() => goldenRuns(t.testdir({ test: { golden: { ...golden, 'new.jsonl': '' } } }), true), { message: / new$/ })
})
