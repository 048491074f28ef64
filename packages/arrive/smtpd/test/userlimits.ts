import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { limitedUsers } from '@yabumi/limits'
import t from 'tap'
import { UserLimits } from '../src/userlimits.ts'

const home = mkdtempSync(join(tmpdir(), 'yabumi-userlimits-'))
mkdirSync(join(home, 'control'))
process.chdir(home)
t.teardown(() => rmSync(home, { recursive: true }))
const hour = 3_600_000
const to = (count: number): string[] => Array.from({ length: count }, () => 'x@a.example')

let last: UserLimits | undefined

/** @param keeps - whether it goes on with what was counted before */
function limits(text: string | undefined, keeps = false): { limits: UserLimits; told: string[] } {
  last?.save() // so that it does not later
  if (!keeps) rmSync('state', { recursive: true, force: true })
  if (text === undefined) rmSync('control/userlimits', { force: true })
  else writeFileSync('control/userlimits', text)
  const told: string[] = []
  const tell = (line: string): unknown => told.push(line)
  last = new UserLimits(tell, tell)
  return { limits: last, told }
}

t.test('without the file nobody is limited', async (t) => {
  const { limits: none } = limits(undefined)
  for (let n = 0; n < 1_000; n += 1) t.ok(none.admits('joe', to(1_000), 0))
})

t.test('messages and recipients count within each period, and the operator hears it once', async (t) => {
  const { limits: some, told } = limits('# all\n*:3/10/1h 4/100/1d\nboss:100/1000/1m\n')
  for (let n = 0; n < 3; n += 1) t.ok(some.admits('joe', to(1), n))
  t.notOk(some.admits('joe', to(1), 3))
  t.notOk(some.admits('joe', to(1), 4))
  t.same(told, ['user joe reached 3 messages in 1h: more is put off'])
  t.ok(some.admits('ann', to(10), 4), 'nobody else is concerned')
  t.notOk(some.admits('ann', to(1), 4), 'one recipient more')
  t.same(told.slice(1), ['user ann reached 10 recipients in 1h: more is put off'])
  t.ok(some.admits('joe', to(1), hour))
  t.notOk(some.admits('joe', to(1), hour + 1), 'the day has a limit of its own')
  t.match(told[2], /^user joe reached 4 messages in 1d/)
  for (let n = 0; n < 50; n += 1) t.ok(some.admits('boss', to(2), 0))
})

t.test('a line that is none leaves the last good reading', async (t) => {
  const { limits: some, told } = limits('*:1/1/1h\n')
  for (const bad of ['x', '*:', '*:1/1', '*:1/1/1', '*:1/1/0h', '*:a/1/1h']) {
    writeFileSync('control/userlimits', `joe:9/9/1h\n${bad}\n`)
    some.reread()
    t.match(told.pop(), /^control\/userlimits: entry 2: not LOGIN/, bad)
  }
  t.ok(some.admits('joe', to(1), 0))
  t.notOk(some.admits('joe', to(1), 0))
})

t.test('a line that is none at first lets nobody send, until it is put right', async (t) => {
  const { limits: none, told } = limits('*:200/500\n')
  t.match(told, [/^control\/userlimits: entry 1: not LOGIN.*; nobody may send until that is put right$/])
  t.notOk(none.admits('joe', to(1), 0))
  writeFileSync('control/userlimits', '*:1/1/1h\n')
  none.reread()
  t.ok(none.admits('joe', to(1), 0))
})

t.test('so many logins are counted, and one more pushes out the oldest', async (t) => {
  const { limits: some } = limits('*:1/1/1h\n')
  for (let n = 0; n < limitedUsers; n += 1) some.admits(`user${n}`, to(1), 0)
  t.notOk(some.admits('user1', to(1), 0))
  some.admits('one more', to(1), 0)
  t.ok(some.admits('user0', to(1), 0))
})

t.test('what was sent counts after a restart, until its period is over', async (t) => {
  const { limits: before } = limits('*:2/9/1h\n')
  const now = Date.now()
  for (let n = 0; n < 2; n += 1) t.ok(before.admits('joe doe', to(1), now))
  before.save()
  t.equal(readFileSync('state/submit/limits', 'latin1'), `${now + hour} 2 2 0 1h joe doe\n`)
  const { limits: after, told } = limits('*:2/9/1h\n', true)
  t.notOk(after.admits('joe doe', to(1), now + 1))
  t.match(told, [/^user joe_doe reached 2 messages in 1h/])
  t.ok(after.admits('joe doe', to(1), now + hour))
  const { limits: back } = limits('*:2/9/1h\n', true)
  t.ok(back.admits('joe doe', to(1), now - 2 * hour), 'a clock that was wrong locks nobody out')
  const { limits: none, told: why } = limits('*:2/9/1h\n')
  writeFileSync('state', '')
  t.ok(none.admits('joe', to(1), now))
  none.save()
  t.match(why, [/^state\/submit\/limits: .*; what people have sent is forgotten at a restart$/])
  rmSync('state')
})
