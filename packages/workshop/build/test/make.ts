/** What make says of a build before it does it. */
import { copyFileSync, readFileSync, rmSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import { execa } from 'execa'
import t from 'tap'

const root = join(import.meta.dirname, '../../../..')

t.test('make build says what it is about to do, in a line each', async (t) => {
  const { stdout } = await execa('make', ['--dry-run', '--always-make', 'build'], { cwd: root })
  t.match(stdout, /^echo 'Bringing .* npm registry .* Only this directory is touched\.'\n.*runtime\.mjs\nnpm ci /m)
  t.match(stdout, /^echo 'Building the programs: .*'\n(.*\n)*.*bundle\.ts$/m)
})

t.test('nothing is run while make reads the Makefile', async (t) => {
  t.notMatch(readFileSync(join(root, 'Makefile'), 'utf8'), /\$\(shell|!=/)
})

t.test('a build is made again if its Node has gone, or a source has changed in whatever folder', async (t) => {
  const source = { folder: { 'x.ts': '' } }
  const cwd = t.testdir({
    'package.json': '',
    'package-lock.json': '',
    packages: { workshop: { build: { src: { 'runtime.mjs': '', ...source } } } },
    '.runtime': { installed: '', built: '', machine: '', node: t.fixture('symlink', 'machine') },
  })
  copyFileSync(join(root, 'Makefile'), join(cwd, 'Makefile'))
  const at = (file: string, seconds: number): void => utimesSync(join(cwd, file), seconds, seconds)
  for (const file of [
    'package.json',
    'package-lock.json',
    'packages/workshop/build/src/runtime.mjs',
    'packages/workshop/build/src/folder/x.ts',
  ])
    at(file, 1)
  at('.runtime/installed', 2)
  at('.runtime/built', 3)
  const said = async (): Promise<string> => (await execa('make', ['--dry-run', 'build'], { cwd })).stdout
  t.match(await said(), /Nothing to be done/)
  at('packages/workshop/build/src/folder/x.ts', 4)
  t.match(await said(), /^echo 'Building/)
  rmSync(join(cwd, '.runtime/machine'))
  t.match(await said(), /^echo 'Bringing/)
})
