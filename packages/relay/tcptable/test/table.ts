import { mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs'
import { tryLock } from '@yabumi/posix'
import t from 'tap'
import { clearTimeouts, recordsOf, recordTimeout, standingOf, zeroTable } from '../src/index.ts'

const now = Math.floor(Date.now() / 1000)
process.chdir(t.testdir({}))
mkdirSync('queue/lock', { recursive: true })
const path = 'queue/lock/tcpto'
t.beforeEach(() => writeFileSync(path, Buffer.alloc(1024)))

t.test('a timeout is recorded, two make trouble, a success clears it', async (t) => {
  t.same(await standingOf('192.0.2.1', now), { inTrouble: false, recorded: false })
  await recordTimeout('192.0.2.1', now - 200)
  t.same(await standingOf('192.0.2.1', now), { inTrouble: false, recorded: true })
  await recordTimeout('192.0.2.1', now)
  t.same(await standingOf('192.0.2.1', now), { inTrouble: true, recorded: true })
  await clearTimeouts('192.0.2.1')
  t.same(await standingOf('192.0.2.1', now), { inTrouble: false, recorded: true })
  t.equal(readFileSync(path).length, 1024)
})

t.test('an IPv6 address is never recorded', async (t) => {
  await recordTimeout('::1', now)
  t.same(await standingOf('::1', now), { inTrouble: false, recorded: false })
  t.same(readFileSync(path), Buffer.alloc(1024))
})

t.test('a table that is missing, short or locked by somebody is no trouble', async (t) => {
  writeFileSync(path, Buffer.alloc(20))
  await recordTimeout('192.0.2.1', now)
  t.equal(recordsOf(readFileSync(path))[0]?.address, '192.0.2.1', 'one record fits')
  const fd = openSync(path, 'r')
  t.ok(tryLock(fd))
  t.same(await standingOf('192.0.2.1', now), { inTrouble: false, recorded: false })
  t.same(await standingOf('::1', now), { inTrouble: false, recorded: false })
})

t.test('zeroTable forgets everything and complains of nothing', async (t) => {
  await recordTimeout('192.0.2.1', now)
  zeroTable()
  t.same(readFileSync(path), Buffer.alloc(1024))
  process.chdir('/')
  t.doesNotThrow(zeroTable)
})
