import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  greylistDelaySeconds as delay,
  greylistEntries,
  greylistFullSeconds,
  greylistKnownNetwork,
  greylistPassDays,
  greylistPerNetwork,
  greylistRetrySeconds,
} from '@yabumi/limits'
import t from 'tap'
import { Entries } from '../src/entries.ts'
import { Greylist } from '../src/index.ts'

const root = mkdtempSync(join(tmpdir(), 'greylist-'))
t.teardown(() => rmSync(root, { recursive: true }))
let homes = 0

function fresh(): { directory: string; told: string[]; open: () => Greylist } {
  homes += 1
  const directory = join(root, `${homes}`)
  const told: string[] = []
  return { directory, told, open: () => new Greylist(directory, (line) => told.push(line)) }
}

const attempt = { address: '192.0.2.7', sender: 's@x.example', recipient: 'r@test.example' }

t.test('a stranger is put off for a minute, and passes when it comes back', async (t) => {
  const list = fresh().open()
  t.equal(list.delaySeconds(attempt, 1_000), delay)
  t.equal(list.delaySeconds(attempt, 1_010), delay - 10)
  t.equal(
    list.delaySeconds({ ...attempt, address: '192.0.2.8', sender: 'S@X.example' }, 1_000 + delay),
    0,
    'from its network, in other case',
  )
  t.equal(list.delaySeconds(attempt, 1_001 + delay), 0)
  t.equal(list.delaySeconds({ ...attempt, address: '192.0.3.7' }, 1_001 + delay), delay, 'another network')
  t.equal(list.delaySeconds({ ...attempt, sender: 'o@x.example' }, 1_001 + delay), delay, 'another sender')
  t.equal(list.delaySeconds({ ...attempt, address: '2001:db8::1' }, 2_000), delay)
  t.equal(list.delaySeconds({ ...attempt, address: '2001:db8::2' }, 2_000 + delay), 0, 'a /64 is one')
})

t.test('who comes back too late, or has not come for long, begins anew', async (t) => {
  const list = fresh().open()
  list.delaySeconds(attempt, 0)
  t.equal(list.delaySeconds(attempt, greylistRetrySeconds), delay)
  t.equal(list.delaySeconds(attempt, 2 * greylistRetrySeconds - 1), 0)
  const passed = 2 * greylistRetrySeconds - 1
  t.equal(list.delaySeconds(attempt, passed + 86_400 * greylistPassDays - 1), 0)
  t.equal(list.delaySeconds(attempt, passed + 2 * 86_400 * greylistPassDays), delay)
})

t.test('a network that has passed so often passes', async (t) => {
  const list = fresh().open()
  for (let n = 0; n < greylistKnownNetwork; n += 1) {
    t.equal(list.delaySeconds({ ...attempt, sender: `${n}@x.example` }, 0), delay)
    t.equal(list.delaySeconds({ ...attempt, sender: `${n}@x.example` }, delay), 0)
  }
  t.equal(list.delaySeconds({ ...attempt, sender: 'new@x.example' }, delay), 0)
})

t.test('it goes on after a restart, and after a crash that has torn its last line', async (t) => {
  const { directory, open, told } = fresh()
  const before = open()
  before.delaySeconds(attempt, 1_000)
  before.delaySeconds({ ...attempt, sender: 'two@x.example' }, 1_000)
  before.delaySeconds({ ...attempt, sender: 'two@x.example' }, 1_000 + delay)
  const path = join(directory, 'greylist')
  t.equal(statSync(path).mode & 0o777, 0o600)
  appendFileSync(path, 'p torn')
  const after = open()
  t.equal(after.delaySeconds({ ...attempt, sender: 'two@x.example' }, 1_001 + delay), 0)
  t.equal(after.delaySeconds(attempt, 1_000 + delay), 0)
  t.equal(readFileSync(path, 'latin1').split('\n').length, 4, 'was written anew, and has a line more')
  t.same(told, [])
})

t.test('where it cannot be kept nobody is put off, which is said once', async (t) => {
  const { directory, open, told } = fresh()
  mkdirSync(join(directory, 'greylist'), { recursive: true })
  const list = open()
  for (let n = 0; n < 3; n += 1) t.equal(list.delaySeconds(attempt, n), 0)
  t.equal(told.length, 1)
  t.match(told[0], 'nobody is greylisted')
})

t.test('one network has so many waiting, and pushes out its own only', async (t) => {
  const entries = new Entries()
  const waiting = (network: string): { network: string; passed: boolean; seconds: number } => ({ network, passed: false, seconds: 0 })
  entries.put('other', waiting('b'))
  entries.put('passed', { network: 'a', passed: true, seconds: 0 })
  for (let n = 0; n < greylistPerNetwork; n += 1) entries.put(`k${n}`, waiting('a'))
  t.ok(entries.get('k0', 1))
  entries.put('more', waiting('a'))
  t.notOk(entries.get('k0', 1))
  for (const key of ['k1', 'more', 'other', 'passed']) t.ok(entries.get(key, 1), key)
  t.equal(entries.size, greylistPerNetwork + 2)
})

t.test('the networks of one /48 share what may wait', async (t) => {
  const entries = new Entries()
  const waiting = (network: string): { network: string; passed: boolean; seconds: number } => ({ network, passed: false, seconds: 0 })
  entries.put('other', waiting('2001:db8:2:0/64'))
  for (let n = 0; n <= greylistPerNetwork; n += 1) entries.put(`k${n}`, waiting(`2001:db8:1:${n.toString(16)}/64`))
  t.notOk(entries.get('k0', 1))
  for (const key of ['k1', `k${greylistPerNetwork}`, 'other']) t.ok(entries.get(key, 1), key)
})

t.test('a full table lets through and says so; waiting ones push out nobody who has passed', async (t) => {
  const { directory, open, told } = fresh()
  mkdirSync(directory)
  const key = (n: number): string => `${n}`.padStart(16, 'k')
  const line = (n: number, last: number): string => `p ${key(n)} ${n >> 12}.${n & 4095}/24 ${last}\n`
  writeFileSync(join(directory, 'greylist'), Array.from({ length: greylistEntries }, (_, n) => line(n, 1_000)).join(''))
  const list = open()
  t.equal(list.delaySeconds(attempt, 2_000), 0)
  t.equal(list.delaySeconds(attempt, 2_001), 0)
  t.match(told, [/^the greylist is full, with 1000000 entries; strangers are let through$/])
  t.equal(list.delaySeconds(attempt, 2_000 + greylistFullSeconds), 0)
  t.equal(told.length, 2)
  t.equal(list.delaySeconds(attempt, 1_000 + 86_400 * greylistPassDays), delay, 'until the old ones are gone')
})
