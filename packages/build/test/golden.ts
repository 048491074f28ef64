import { join } from 'node:path'
import t from 'tap'
import { goldenFiles } from '../src/golden.ts'

const lists = goldenFiles(join(import.meta.dirname, '../../..'))

t.test('every vector file of the project is in one of the lists', async (t) => {
  t.ok(lists.length > 0)
})

t.test('a vector file that no list names is an error', async (t) => {
  const golden = Object.fromEntries(lists.map((path) => [path.replace(/.*\//, ''), '']))
  t.throws(() => goldenFiles(t.testdir({ test: { golden: { ...golden, 'new.jsonl': '' } } })), { message: / new/ })
})
