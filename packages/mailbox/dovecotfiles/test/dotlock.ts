/** Dotlocks exclude, and a stale one is broken once. */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { dotlockPatienceSeconds, dotlockStaleSeconds } from '@yabumi/limits'
import t from 'tap'
import { DotLock, StillLocked } from '../src/index.ts'

const directory = mkdtempSync(join(tmpdir(), 'yabumi-dotlock-'))
t.teardown(() => rmSync(directory, { recursive: true }))
const file = join(directory, 'file')
const lockFile = `${file}.lock`

/** A process that was there, and is not any more. */
function deadProcess(): number {
  return spawnSync('true').pid
}

t.test('a lock names its holder, and is gone when it is given back', async (t) => {
  const lock = await DotLock.take(file)
  t.equal(readFileSync(lockFile, 'latin1'), `${process.pid}:${hostname()}`)
  await t.rejects(DotLock.take(file, 0.05), StillLocked)
  lock.release()
  t.notOk(existsSync(lockFile))
})

t.test('locks are broken that nobody can hold, others are waited for', async (t) => {
  t.ok(dotlockPatienceSeconds > dotlockStaleSeconds)
  writeFileSync(lockFile, `${deadProcess()}:${hostname()}`)
  ;(await DotLock.take(file, 0)).release()
  writeFileSync(lockFile, `${deadProcess()}:other.host`)
  await t.rejects(DotLock.take(file, 0.05), StillLocked, 'a process of another host may live')
  const old = Date.now() / 1000 - dotlockStaleSeconds - 2
  utimesSync(lockFile, old, old)
  ;(await DotLock.take(file, 0)).release()
})

t.test('who lost the lock does not remove that of the next one, nor write under it', async (t) => {
  const lock = await DotLock.take(file)
  rmSync(lockFile)
  writeFileSync(lockFile, '1:other.host')
  t.notOk(lock.held())
  t.throws(() => lock.replace(Buffer.from('x'), 0o600), StillLocked)
  t.equal(readFileSync(lockFile, 'latin1'), '1:other.host')
  t.notOk(existsSync(file))
  rmSync(lockFile)
})

t.test('the lock file becomes the file', async (t) => {
  const lock = await DotLock.take(file)
  lock.replace(Buffer.from('new'), 0o640)
  t.equal(readFileSync(file, 'latin1'), 'new')
  t.notOk(existsSync(lockFile))
})
