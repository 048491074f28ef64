import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  closeSync,
  constants,
  existsSync,
  fstatSync,
  linkSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { tryLock } from '@yabumi/posix'
import fc from 'fast-check'
import t from 'tap'
import { appendToMbox, recoverMbox, removeMessages, scanMbox, withMbox } from '../src/index.ts'

const directory = mkdtempSync(join(tmpdir(), 'yabumi-mbox-'))
t.teardown(() => rmSync(directory, { recursive: true }))
const path = join(directory, 'Mailbox')
const fixture = join(import.meta.dirname, 'fixtures/remove.ts')

function message(name: string, length = 40): string {
  return `From ${name} Tue Jun 22 13:05:45 1999\nSubject: ${name}\n\n${name.repeat(Math.ceil(length / name.length))}\n\n`
}

async function uidsOf(names: readonly string[]): Promise<string[]> {
  const all = await withMbox(path, 'read', (fd) => scanMbox(fd, fstatSync(fd).size))
  const text = readFileSync(path, 'latin1')
  return all.filter(({ start }) => names.some((name) => text.startsWith(`From ${name} `, start))).map(({ uid }) => uid)
}

async function remove(...names: string[]): Promise<void> {
  const uids = new Set(await uidsOf(names))
  await withMbox(path, 'write', (fd) => removeMessages(path, fd, uids))
}

t.test('messages are removed and the others stay, in the same file', async (t) => {
  const names = ['a', 'b', 'c', 'd']
  for (const gone of [['a'], ['b'], ['d'], ['a', 'c'], ['b', 'd'], names]) {
    writeFileSync(path, names.map((name) => message(name)).join(''))
    chmodSync(path, 0o640)
    const before = statSync(path)
    await remove(...gone)
    const kept = names.filter((name) => !gone.includes(name))
    t.equal(readFileSync(path, 'latin1'), kept.map((name) => message(name)).join(''), `without ${gone}`)
    t.match(statSync(path), { ino: before.ino, mode: before.mode, uid: before.uid })
    t.same(readdirSync(directory), ['Mailbox'])
  }
})

t.test('nothing is written when there is nothing to remove', async (t) => {
  writeFileSync(path, message('a'))
  const { mtimeMs } = statSync(path)
  await withMbox(path, 'write', (fd) => removeMessages(path, fd, new Set(['nosuchuid'])))
  t.equal(statSync(path).mtimeMs, mtimeMs)
})

t.test('a delivery that has opened the file and waits for the lock loses nothing', async (t) => {
  writeFileSync(path, message('a') + message('b'))
  const waiting = openSync(path, constants.O_WRONLY | constants.O_APPEND) // as qmail-local: open first, then lock
  const uids = new Set(await uidsOf(['a']))
  await withMbox(path, 'write', (fd) => {
    t.notOk(tryLock(waiting))
    removeMessages(path, fd, uids)
  })
  t.ok(tryLock(waiting))
  writeSync(waiting, message('c'))
  closeSync(waiting)
  t.equal(readFileSync(path, 'latin1'), message('b') + message('c'))
})

t.test('deliveries and removals at the same time keep every message that was not removed', async (t) => {
  const old = Array.from({ length: 20 }, (_, index) => `old${index}`)
  writeFileSync(path, old.map((name) => message(name)).join(''))
  const fresh = Array.from({ length: 20 }, (_, index) => `fresh${index}`)
  const deliver = async (name: string) => {
    const [line = '', ...rest] = message(name).split('\n')
    await appendToMbox(path, Buffer.from(`${line}\n`), Buffer.from(rest.join('\n').replace(/\n$/, '')))
  }
  await Promise.all([...fresh.map(deliver), ...old.slice(0, 15).map((name) => remove(name))])
  const left = [...readFileSync(path, 'latin1').matchAll(/^Subject: (.*)$/gm)].map(([, name]) => name)
  t.same(left.sort(), [...old.slice(15), ...fresh].sort())
})

t.test('a kill at any call leaves every message, and what is delivered meanwhile; the next session completes the work', async (t) => {
  let completed = false
  for (let calls = 0; !completed; calls += 1) {
    writeFileSync(path, ['a', 'b', 'c', 'd'].map((name) => message(name, 300)).join(''))
    const uids = await uidsOf(['b', 'd'])
    const first = spawnSync(process.execPath, [fixture, path, String(calls), ...uids])
    completed = first.status === 0
    if (!completed) t.equal(first.signal, 'SIGKILL', first.stderr.toString())
    await appendToMbox(path, Buffer.from('From e\n'), Buffer.from('Subject: e\n\neee\n'))
    spawnSync(process.execPath, [fixture, path, String(calls % 11)]) // the recovery is killed as well, somewhere
    await appendToMbox(path, Buffer.from('From f\n'), Buffer.from('Subject: f\n\nfff\n'))
    await withMbox(path, 'write', (fd) => recoverMbox(path, fd))
    const fresh = 'From e\nSubject: e\n\neee\n\nFrom f\nSubject: f\n\nfff\n\n'
    const [before, after] = [
      ['a', 'b', 'c', 'd'],
      ['a', 'c'],
    ].map((names) => names.map((name) => message(name, 300)).join('') + fresh)
    const text = readFileSync(path, 'latin1')
    t.ok(text === after || (!completed && text === before), `killed after ${calls} calls`)
    t.same(readdirSync(directory), ['Mailbox'])
  }
})

t.test('when another program has rewritten the mbox after a crash, messages may come twice but are not lost', async (t) => {
  writeFileSync(path, message('a') + message('b') + message('c'))
  const uids = await uidsOf(['a'])
  let calls = 0
  do {
    writeFileSync(path, message('a') + message('b') + message('c'))
    spawnSync(process.execPath, [fixture, path, String(calls), ...uids])
    calls += 1
  } while (!existsSync(join(directory, '.Mailbox.yabumi-copy')))
  writeFileSync(path, message('c'))
  await withMbox(path, 'write', (fd) => recoverMbox(path, fd))
  t.equal(readFileSync(path, 'latin1'), message('c') + message('b') + message('c'))
})

t.test('a journal of somebody else, or one that is a link, is not believed', async (t) => {
  writeFileSync(path, message('a'))
  const journal = join(directory, '.Mailbox.yabumi-copy')
  writeFileSync(journal, 'nonsense')
  await t.rejects(
    withMbox(path, 'write', (fd) => recoverMbox(path, fd)),
    { message: /yabumi-copy is damaged$/ },
  )
  rmSync(journal)
  const target = join(directory, 'target')
  writeFileSync(target, '0 1 9999\nX')
  spawnSync('ln', ['-s', target, journal])
  await t.rejects(
    withMbox(path, 'write', (fd) => recoverMbox(path, fd)),
    { code: 'ELOOP' },
  )
  rmSync(journal)
  rmSync(target)
  t.equal(readFileSync(path, 'latin1'), message('a'))
})

t.test('what is no plain file is not taken for an mbox', async (t) => {
  await t.rejects(
    withMbox(directory, 'read', () => undefined),
    { message: /is not a plain file$/ },
  )
  await t.rejects(
    withMbox(join(directory, 'nosuch'), 'write', () => undefined),
    { code: 'ENOENT' },
  )
})

t.test('a step works on the file that has the name now, not on one that was replaced meanwhile', async (t) => {
  writeFileSync(path, message('a'))
  const holder = openSync(path, 'r+')
  t.ok(tryLock(holder))
  const step = withMbox(path, 'read', (fd) => fstatSync(fd).size)
  linkSync(path, `${path}.old`)
  rmSync(path)
  writeFileSync(path, message('b', 1000))
  closeSync(holder)
  t.equal(await step, statSync(path).size)
  rmSync(`${path}.old`)
})

t.test('any messages removed leave exactly the others', async (t) => {
  const some = fc.array(fc.record({ length: fc.integer({ min: 1, max: 2000 }), gone: fc.boolean() }), { minLength: 1, maxLength: 12 })
  await fc.assert(
    fc.asyncProperty(some, async (plan) => {
      const all = plan.map(({ length, gone }, index) => ({ name: `m${index}`, length, gone }))
      const text = (list: typeof all) => list.map(({ name, length }) => message(name, length)).join('')
      writeFileSync(path, text(all))
      await remove(...all.filter(({ gone }) => gone).map(({ name }) => name))
      t.equal(readFileSync(path, 'latin1'), text(all.filter(({ gone }) => !gone)))
    }),
    { seed: 5, numRuns: 60 },
  )
})
