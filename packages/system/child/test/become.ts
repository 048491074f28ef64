import { spawn } from 'node:child_process'
import { chmodSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { text } from 'node:stream/consumers'
import t from 'tap'

const become = join(import.meta.dirname, 'fixtures/become.ts')
const show = join(import.meta.dirname, 'fixtures/show.ts')

async function run(words: string[], env: Record<string, string>): Promise<{ output: string; pid: number | undefined }> {
  const encoded = words.map((word) => Buffer.from(word, 'latin1').toString('base64'))
  const child = spawn(process.execPath, [become, ...encoded], { env, stdio: ['ignore', 'pipe', 'inherit'] })
  if (child.stdout === null) throw new Error('no pipe')
  return { output: await text(child.stdout), pid: child.pid }
}

const PATH = `${dirname(process.execPath)}:/usr/bin:/bin`

t.test('becomeProgram hands over any bytes, with or without a shell between', async (t) => {
  const plain = JSON.parse((await run([process.execPath, show, 'a b', ''], { PATH })).output)
  t.same(plain, { words: ['a b', ''], variables: ['Y_V=plain'] })
  const strange = JSON.parse((await run([process.execPath, show, 'caf\xe9', "'"], { PATH, Y_STRANGE: '1' })).output)
  t.same(strange, { words: ['caf\xe9', "'"], variables: ['Y_V=j\xf6e'] })
})

t.test('becomeProgram searches PATH for a name without a slash, and keeps the process', async (t) => {
  const { output, pid } = await run(['sh', '-c', 'echo $$'], { PATH })
  t.equal(output, `${pid}\n`)
  const shown = await run([basename(process.execPath), show], { PATH })
  t.same(JSON.parse(shown.output).words, [])
})

t.test('becomeProgram returns if there is no such program', async (t) => {
  const directory = t.testdir({ plain: 'text', sub: {} })
  writeFileSync(join(directory, 'closed'), '#!/bin/sh\n')
  chmodSync(join(directory, 'closed'), 0o600)
  for (const file of ['nosuch', join(directory, 'nosuch'), join(directory, 'plain'), join(directory, 'sub'), join(directory, 'closed')]) {
    t.equal((await run([file], { PATH })).output, `cannot become ${file}\n`)
  }
})
