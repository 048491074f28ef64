import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { Delivered } from '../src/finish/delivered.ts'

t.test('a delivered message is known until its todo/ file is another one', (t) => {
  const home = mkdtempSync(join(tmpdir(), 'delivered-'))
  const before = process.cwd()
  process.chdir(home)
  t.teardown(() => {
    process.chdir(before)
    rmSync(home, { recursive: true })
  })
  mkdirSync('queue/todo', { recursive: true })
  writeFileSync('queue/todo/7', 'an envelope')
  const delivered = new Delivered()
  t.equal(delivered.has('7'), false)
  delivered.remember('7')
  delivered.remember('8')
  t.equal(delivered.has('7'), true)
  t.equal(delivered.has('8'), false, 'its file has gone meanwhile')
  writeFileSync('queue/todo/9', 'kept, so that the new file has another inode')
  rmSync('queue/todo/7')
  writeFileSync('queue/todo/new', 'another envelope')
  t.equal(delivered.has('7'), false)
  delivered.forget('7')
  t.equal(delivered.has('7'), false)
  t.end()
})
