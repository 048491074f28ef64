import { join } from 'node:path'
import { execa } from 'execa'
import t from 'tap'

const bin = join(import.meta.dirname, '../../../../bin/bouncesaying')

async function bouncesaying(...args: string[]) {
  const { exitCode, stdout, stderr } = await execa(bin, args, { input: 'A: b\n', reject: false })
  return { exit: exitCode, stdout, stderr }
}

t.test('without a program, and if it says yes, the text is the bounce', async (t) => {
  t.same(await bouncesaying('no more\xf6 (#5.1.6)'), { exit: 100, stdout: '', stderr: 'no more\xf6 (#5.1.6)' })
  t.same(await bouncesaying('no more', 'grep', 'b'), { exit: 100, stdout: 'A: b', stderr: 'no more' })
  t.same(await bouncesaying(''), { exit: 100, stdout: '', stderr: '' })
})

t.test('if the program says no the message stays', async (t) => {
  t.same(await bouncesaying('no more', 'false'), { exit: 0, stdout: '', stderr: '' })
  t.same(await bouncesaying('no more', '/no/such/program'), { exit: 0, stdout: '', stderr: '' })
})

t.test('trouble that may pass is exit code 111', async (t) => {
  t.same(await bouncesaying('x', 'sh', '-c', 'exit 111'), { exit: 111, stdout: '', stderr: 'bouncesaying: fatal: temporary child error' })
  t.same(await bouncesaying('x', 'sh', '-c', 'kill -9 $$'), { exit: 111, stdout: '', stderr: 'bouncesaying: fatal: child crashed' })
})

t.test('without a text it says how to call it', async (t) => {
  const usage = 'bouncesaying: usage: bouncesaying error [ program [ arg ... ] ]'
  t.same(await bouncesaying(), { exit: 100, stdout: '', stderr: usage })
})
