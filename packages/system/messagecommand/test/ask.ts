import { chmodSync, closeSync, openSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { execa } from 'execa'
import t from 'tap'

const program = join(import.meta.dirname, 'fixtures/ask.ts')

async function ask(...command: string[]): Promise<string> {
  const { stdout } = await execa(process.execPath, ['--no-warnings', program, ...command], { input: 'A: b\n' })
  return stdout
}

t.test('exit code 0 is yes, any other but 111 is no', async (t) => {
  t.equal(await ask('true'), 'yes')
  for (const code of [1, 99, 100, 110, 112, 255]) t.equal(await ask('sh', '-c', `exit ${code}`), 'no', `${code}`)
})

t.test('111 and a crash are trouble that may pass', async (t) => {
  t.equal(await ask('sh', '-c', 'exit 111'), '111 temporary child error')
  t.equal(await ask('sh', '-c', 'kill -9 $$'), '111 child crashed')
})

t.test('a command that cannot be run says no, unless the reason may pass', async (t) => {
  const directory = t.testdir({ plain: 'x' })
  t.equal(await ask('/no/such/command'), 'no')
  t.equal(await ask('no-such-command'), 'no')
  t.equal(await ask(join(directory, 'plain')), 'no')
  const busy = join(directory, 'busy')
  writeFileSync(busy, '#!/bin/sh\n')
  chmodSync(busy, 0o700)
  const writer = openSync(busy, 'a')
  t.equal(await ask(busy), '111 temporary child error')
  closeSync(writer)
})

t.test('the command reads the message and prints where its caller prints', async (t) => {
  t.equal(await ask('cat'), 'A: b\nyes')
})
