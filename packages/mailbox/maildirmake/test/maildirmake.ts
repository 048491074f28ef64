import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'

const maildirmake = join(import.meta.dirname, '../../../../bin/maildirmake')

function run(args: string[]): { status: number | null; stderr: string } {
  return spawnSync(maildirmake, args, { encoding: 'utf8' })
}

t.test('maildirmake creates three directories for their owner alone', (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'yabumi-maildirmake-'))
  t.teardown(() => rmSync(directory, { recursive: true }))
  const path = join(directory, 'Mäildir')
  t.match(run([path]), { status: 0, stderr: '' })
  t.same(readdirSync(path).sort(), ['cur', 'new', 'tmp'])
  for (const name of ['', 'cur', 'new', 'tmp']) t.equal(statSync(join(path, name)).mode & 0o777, 0o700)
  t.match(run([path]), { status: 111, stderr: `maildirmake: fatal: unable to mkdir ${path}: file already exists\n` })
  t.match(run([join(directory, 'no/such')]), { status: 111, stderr: /unable to mkdir .*: file does not exist\n$/ })
  t.end()
})

t.test('maildirmake wants a name', (t) => {
  t.match(run([]), { status: 100, stderr: 'maildirmake: usage: maildirmake name\n' })
  t.end()
})
