import { execFileSync } from 'node:child_process'
import { mkdirSync, openSync, readSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { isMessageId, pullTrigger, queuePath, splitOf } from '../src/index.ts'

t.test('a message has its files in the subdirectory of its number modulo 23', async (t) => {
  t.equal(queuePath('mess', '457'), 'mess/20/457')
  t.equal(queuePath('info', '23'), 'info/0/23')
  t.equal(queuePath('todo', '457'), 'todo/457')
  t.equal(queuePath('bounce', '1'), 'bounce/1')
})

t.test('numbers beyond 2^53 keep their subdirectory', async (t) => {
  for (const id of ['9007199254740993', '18446744073709551615', '999999999999999']) t.equal(splitOf(id), Number(BigInt(id) % 23n))
})

t.test('only plain decimal names are messages', async (t) => {
  for (const name of ['0', '457', '18446744073709551615']) t.ok(isMessageId(name), name)
  for (const name of ['', '.', '4a', '-1', '4 ', '+4', '4\n']) t.notOk(isMessageId(name), JSON.stringify(name))
})

t.test('pullTrigger writes one byte for whoever has the FIFO open, and nothing else ever happens', async (t) => {
  const directory = t.testdir({})
  process.chdir(directory)
  t.teardown(() => process.chdir('/'))
  pullTrigger()
  mkdirSync('lock')
  execFileSync('mkfifo', ['lock/trigger'])
  pullTrigger()
  const fd = openSync(join(directory, 'lock/trigger'), 'r+')
  pullTrigger()
  const buffer = Buffer.alloc(10, 1)
  t.equal(readSync(fd, buffer), 1)
  t.equal(buffer[0], 0)
  execFileSync('rm', ['lock/trigger'])
  writeFileSync('lock/trigger', '')
  pullTrigger()
})
