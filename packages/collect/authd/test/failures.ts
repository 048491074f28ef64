import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { authDelaySeconds, authFailures, failingClients, wrongPasswordSeconds } from '@yabumi/limits'
import t from 'tap'
import { Failures } from '../src/failures.ts'

const home = mkdtempSync(join(tmpdir(), 'yabumi-failures-'))
mkdirSync(join(home, 'control'))
process.chdir(home)
t.teardown(() => rmSync(home, { recursive: true }))

t.test('each wrong login of a client is answered later, up to the limit', async (t) => {
  const failures = new Failures(() => undefined)
  const seconds = Array.from({ length: authDelaySeconds + 2 }, () => failures.add('192.0.2.1', 0))
  t.same(seconds.slice(0, 3), [1, 2, 3])
  t.same(seconds.slice(-3), [authDelaySeconds, authDelaySeconds, authDelaySeconds])
  t.equal(failures.add('192.0.2.2', 0), 1, 'nobody else is concerned')
  t.equal(failures.add('192.0.2.1', 1000 * wrongPasswordSeconds), 1, 'after a while it begins anew')
})

t.test('after the limit a client is refused, until time has passed or it has logged in well', async (t) => {
  const failures = new Failures(() => undefined)
  for (let n = 1; n < authFailures; n += 1) failures.add('192.0.2.1', 0)
  t.notOk(failures.areMany('192.0.2.1', 1))
  failures.add('192.0.2.1', 0)
  t.ok(failures.areMany('192.0.2.1', 1))
  t.notOk(failures.areMany('192.0.2.1', 1000 * wrongPasswordSeconds))
  failures.forget('192.0.2.1')
  t.notOk(failures.areMany('192.0.2.1', 1))
})

t.test('control/authfailures says how many, 0 never, and a bad line leaves what was', async (t) => {
  const lines: string[] = []
  const failures = new Failures((line) => lines.push(line))
  failures.add('192.0.2.1', 0)
  for (const [text, isRefused] of [
    ['1\n', true],
    ['2\n', false],
    ['x\n', false],
    ['0\n', false],
  ] as const) {
    writeFileSync('control/authfailures', text)
    t.equal(failures.areMany('192.0.2.1', 1), isRefused, text)
  }
  t.match(lines[0], /^control\/authfailures:1: /)
})

t.test('so many clients are counted, and one more pushes out the oldest', async (t) => {
  writeFileSync('control/authfailures', '1\n')
  const failures = new Failures(() => undefined)
  for (let n = 0; n < failingClients; n += 1) failures.add(`client ${n}`, 0)
  t.ok(failures.areMany('client 0', 1))
  failures.add('one more', 0)
  t.notOk(failures.areMany('client 0', 1))
  t.ok(failures.areMany('client 1', 1))
})
