import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { launcher, launcherProblems } from '../src/launchers.ts'

t.test('a launcher that lacks, or was changed by hand, is named', async (t) => {
  const packageOf = (source: string) => ({ 'package.json': '{}', src: { [source]: '' } })
  const root = t.testdir({
    bin: { queue: launcher('queue') },
    packages: { hall: { queue: packageOf('main.ts'), send: packageOf('main.ts'), noun: packageOf('index.ts') } },
  })
  const lacks = 'bin/send: not as launchers.ts makes it; run `node packages/workshop/build/src/launchers.ts`'
  t.same(launcherProblems(root), [lacks])
  writeFileSync(join(root, 'bin/send'), launcher('send'))
  t.same(launcherProblems(root), [])
  writeFileSync(join(root, 'bin/queue'), `${readFileSync(join(root, 'bin/queue'), 'utf8')}#\n`)
  t.same(launcherProblems(root), [lacks.replace('send', 'queue')])
})

t.test('a launcher becomes its program, with the name it was called by', async (t) => {
  const say = '#!/bin/sh\necho "$@"\n'
  const root = t.testdir({
    bin: { '.room': 'suits() { false; }\n', send: launcher('send'), called: t.fixture('symlink', 'send') },
    '.runtime': { node: say },
  })
  execFileSync('chmod', ['755', join(root, 'bin/send'), join(root, '.runtime/node')])
  const said = execFileSync(join(root, 'bin/called'), ['a b'], { encoding: 'utf8' })
  t.match(said, /^--disable-sigusr1 --no-warnings .*--invocation-count-for-turbofan=800 .*\/bin\/\.dist\/send\.cjs .*\/bin\/called a b\n$/)
})
