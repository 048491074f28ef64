import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { runTestFile, testFiles } from '../src/testfiles.ts'

const env = { PATH: process.env['PATH'] ?? '' }

t.test('a file that ends badly, or runs no test, has failed', async (t) => {
  const root = t.testdir({
    'good.ts': "console.log('ok 1 - x\\n1..1')",
    'crashed.ts': "console.log('ok 1 - x'); console.error('the reason'); process.exit(3)",
    'killed.ts': "console.log('ok 1 - x'); process.kill(process.pid, 'SIGKILL'); setInterval(() => {}, 1000)",
    'empty.ts': '',
    'broken.ts': 'this is no program',
  })
  const run = (file: string) => runTestFile(root, file, env)
  t.match(await run('good.ts'), { counts: { passed: 1, failed: 0, skipped: 0 }, failures: [] })
  t.match(await run('crashed.ts'), { counts: { passed: 1, failed: 1 }, failures: ['crashed.ts: ended with 3'], errors: 'the reason' })
  t.match(await run('killed.ts'), { counts: { passed: 1, failed: 1 }, failures: ['killed.ts: ended with a signal'] })
  t.match(await run('empty.ts'), { counts: { failed: 1 }, failures: ['empty.ts: ran no test'] })
  t.match(await run('broken.ts'), { counts: { failed: 1 }, errors: /SyntaxError/ })
})

t.test('what a file leaves in its directory for such things goes with it, however it ends', async (t) => {
  const leave = "require('fs').mkdtempSync(require('os').tmpdir() + '/left-'); console.log('ok 1 - x\\n1..1')"
  const root = t.testdir({ scratch: {}, 'leaves.cjs': leave, 'killed.cjs': `${leave}; process.kill(process.pid, 'SIGKILL')` })
  for (const file of ['leaves.cjs', 'killed.cjs']) await runTestFile(root, file, { ...env, TMPDIR: join(root, 'scratch') })
  t.same(readdirSync(join(root, 'scratch')), [])
})

t.test('end-to-end tests come first, support files and fixtures are no tests', async (t) => {
  const root = t.testdir({
    test: { deliver: { 'path.ts': '', support: { 'table.ts': '' } }, demo: { 'tour.ts': '' }, support: { 'home.ts': '' } },
    packages: { hall: { queue: { test: { 'draft.ts': '', fixtures: { 'fake.ts': '' } }, src: { 'main.ts': '' } } } },
  })
  t.same(testFiles(root), ['test/deliver/path.ts', 'packages/hall/queue/test/draft.ts'])
})
