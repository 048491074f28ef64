import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { goldenRuns } from '../src/golden.ts'

const root = join(import.meta.dirname, '../../../..')
const vectors = readdirSync(join(root, 'test/golden')).filter((name) => name.endsWith('.jsonl'))

for (const asRoot of [true, false]) {
  t.test(`every vector file is run once ${asRoot ? 'as root' : 'as a normal user'}`, async (t) => {
    const run = goldenRuns(root, asRoot).flatMap((args) => args.filter((arg) => arg.endsWith('.jsonl')))
    t.same(run.sort(), vectors.map((name) => join(root, 'test/golden', name)).sort())
  })
}
