/** Packages are found where they lie, and programs among them. */
import t from 'tap'
import { directoryOf, packagesOf, programsOf } from '../src/index.ts'

t.test('a package is a directory with a package.json, a program one with a main', async (t) => {
  const root = t.testdir({
    packages: {
      hall: { send: { 'package.json': '{}', src: { 'main.ts': '' } }, left: { src: { 'main.ts': '' } }, 'README.md': '' },
      yard: { address: { 'package.json': '{}', src: { 'index.ts': '' } } },
    },
  })
  t.same(packagesOf(root), ['address', 'send'])
  t.same(programsOf(root), ['send'])
  t.equal(directoryOf(root, 'send'), 'packages/hall/send')
  t.throws(() => directoryOf(root, 'gone'), { message: 'no package gone' })
})
