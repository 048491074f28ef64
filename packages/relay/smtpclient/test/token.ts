/** Tokens of OAuth for relays: what files hold, and what programs say. */
import { chmodSync, existsSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { tokenBytes } from '@yabumi/limits'
import t from 'tap'
import { until } from '../../../../test/support/wait.ts'
import { tokenFrom } from '../src/token.ts'

process.chdir(t.testdir({}))

function write(name: string, text: string, mode: number): string {
  writeFileSync(name, text)
  chmodSync(name, mode)
  return name
}

const get = (name: string): Promise<string> => tokenFrom(name, 'joe@x.example', 'mx.example')
const program = (name: string, body: string): string => write(name, `#!/bin/sh\n${body}\n`, 0o700)

t.test('a file holds a token, which has a largest size', async (t) => {
  t.equal(await get(write('token', 'ya29.abc\n', 0o600)), 'ya29.abc')
  t.equal(await get(write('full', 'x'.repeat(tokenBytes), 0o600)), 'x'.repeat(tokenBytes))
  await t.rejects(get(write('long', 'x'.repeat(tokenBytes + 1), 0o600)), { message: 'long: longer than 16384 bytes' })
  for (const [name, text] of [
    ['empty', ''],
    ['two', 'a\nb\n'],
    ['blank', 'a b\n'],
  ] as const)
    await t.rejects(get(write(name, text, 0o600)), { message: `${name}: what it gives is no token` })
})

t.test('a file that others write is not believed, nor is a token that everybody reads', async (t) => {
  await t.rejects(get(write('read', 'x', 0o644)), { message: 'read: readable by everybody' })
  await t.rejects(get(write('written', 'x', 0o620)), { message: 'written: somebody else may write it' })
  await t.rejects(get(write('run', '#!/bin/sh\n', 0o722)), { message: 'run: somebody else may write it' })
  symlinkSync('token', 'link')
  await t.rejects(get('link'), { message: 'link: symbolic link loop' })
  await t.rejects(get('missing'), { message: 'missing: file does not exist' })
  await t.rejects(get('.'), { message: /no file/ })
})

t.test('a program hears user and relay, byte for byte, and writes the token to descriptor 3', async (t) => {
  t.equal(await get(program('say', 'echo loud; printf %s "$1/$2" >&3')), 'joe@x.example/mx.example')
  t.equal(await tokenFrom('say', '$(id>hacked);`id`', 'mx.example'), '$(id>hacked);`id`/mx.example')
  t.notOk(existsSync('hacked'))
  await t.rejects(get(program('fail', 'echo token >&3; exit 3')), { message: 'fail: ended with exit code 3' })
  await t.rejects(get(program('none', ':')), { message: 'none: what it gives is no token' })
  await t.rejects(get(write('broken', '#!/nowhere\n', 0o700)), { message: 'broken: file does not exist' })
})

t.test('a program has a largest answer', async (t) => {
  const bytes = (length: number): string => `head -c ${length} /dev/zero | tr '\\0' x >&3`
  t.equal((await get(program('much', bytes(tokenBytes)))).length, tokenBytes)
  await t.rejects(get(program('more', bytes(tokenBytes + 1))), { message: 'more: more than 16384 bytes' })
})

t.test('a program has a longest time, and is killed with what it started', async (t) => {
  t.equal(await get(program('slow', 'sleep 3; echo token >&3')), 'token')
  await t.rejects(get(program('slower', 'sleep 600 & echo $! >pid; wait')), { message: 'slower: took longer than 5 seconds' })
  const pid = Number(readFileSync('pid', 'latin1'))
  await until('what it started is gone', () => {
    try {
      return !/^State:\s+[^ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'latin1'))
    } catch {
      return true
    }
  })
})
