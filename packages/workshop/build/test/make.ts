/** What make says of a build before it does it. */
import { join } from 'node:path'
import { execa } from 'execa'
import t from 'tap'

t.test('make build says what it is about to do, in a line each', async (t) => {
  const cwd = join(import.meta.dirname, '../../../..')
  const { stdout } = await execa('make', ['--dry-run', '--always-make', 'build'], { cwd })
  t.match(stdout, /^echo 'Bringing .* npm registry .* Only this directory is touched\.'\n.*runtime\.mjs\nnpm ci /m)
  t.match(stdout, /^echo 'Building the programs: .*'\n(.*\n)*.*bundle\.ts$/m)
})
