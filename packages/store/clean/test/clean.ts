import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Readable, Writable } from 'node:stream'
import t, { type Test } from 'tap'
import { bin, ended, environmentOf, queueFiles, scratchHome } from '../../queue/test/support/scratch.ts'

const program = join(bin, 'clean')
const ossified = Date.now() / 1000 - 129_601

function clean(home: string, commands: string): { status: number | null; answers: string } {
  const { status, stdout } = spawnSync(program, { env: environmentOf(home), input: commands })
  return { status, answers: String(stdout) }
}

function put(home: string, ...paths: string[]): void {
  for (const path of paths) writeFileSync(join(home, 'queue', path), 'x')
}

function left(home: string): string[] {
  return ['mess', 'intd', 'todo'].flatMap((directory) => queueFiles(home, directory))
}

t.test('clean removes what it is told, and answers in order', async (t) => {
  const home = scratchHome(t)
  put(home, 'mess/11/1000', 'intd/1000', 'todo/1000', 'mess/12/1001', 'intd/1001')
  t.same(clean(home, 'todo/1000\0foop/1001\0'), { status: 0, answers: '++' })
  t.same(left(home), ['mess/11/1000'])
  t.same(clean(home, 'foop/1000\0foop/1000\0todo/1000\0'), { status: 0, answers: '+++' }, 'what is gone counts as removed')
  t.same(left(home), [])
})

t.test('clean keeps what it is told to spare, but nothing long, nothing twice, and no more than it may', async (t) => {
  const home = scratchHome(t)
  put(home, 'mess/11/1000', 'intd/1000', 'todo/1000', 'mess/12/1001', 'todo/1001', 'spare/todo.1001')
  writeFileSync(join(home, 'queue/mess/12/1001'), Buffer.alloc(65_537))
  t.same(clean(home, 'spare/1000\0spare/1001\0'), { status: 0, answers: '++' })
  t.same(left(home), [])
  t.same(queueFiles(home, 'spare'), ['spare/mess.1000', 'spare/todo.1000', 'spare/todo.1001'])
  const ids = Array.from({ length: 600 }, (_, i) => 10_000 + i)
  put(home, ...ids.flatMap((id) => [`mess/${id % 23}/${id}`, `todo/${id}`]))
  t.same(clean(home, ids.map((id) => `spare/${id}\0`).join('')), { status: 0, answers: '+'.repeat(600) })
  t.same(left(home), [])
  t.equal(queueFiles(home, 'spare').length, 1024)
})

t.test('clean sees at once that queue has taken spare files', async (t) => {
  const home = scratchHome(t)
  const child = spawn(program, { env: environmentOf(home), stdio: ['pipe', 'pipe', 'inherit'] })
  t.teardown(() => child.kill('SIGKILL'))
  let answers = ''
  child.stdout.on('data', (text) => {
    answers += text
  })
  const spare = async (first: number, count: number): Promise<void> => {
    const ids = Array.from({ length: count }, (_, i) => first + i)
    put(home, ...ids.flatMap((id) => [`mess/${id % 23}/${id}`, `todo/${id}`]))
    const wanted = answers.length + count
    child.stdin.write(ids.map((id) => `spare/${id}\0`).join(''))
    while (answers.length < wanted) await once(child.stdout, 'data')
  }
  await spare(10_000, 512)
  for (const path of queueFiles(home, 'spare')) rmSync(join(home, 'queue', path))
  await spare(20_000, 10)
  t.equal(queueFiles(home, 'spare').length, 20)
})

t.test('clean knows no spare where there is no spare/', async (t) => {
  const home = scratchHome(t)
  rmSync(join(home, 'queue/spare'), { recursive: true })
  put(home, 'mess/11/1000', 'todo/1000')
  t.same(clean(home, 'spare/1000\0'), { status: 0, answers: 'x' })
  t.equal(left(home).length, 2)
})

t.test('clean answers one x to nonsense and does nothing', async (t) => {
  const home = scratchHome(t)
  put(home, 'mess/11/1000', 'intd/1000', 'todo/1000')
  t.same(clean(home, 'foop/1000x\0mess/1000\0foop/../1000\0\0todo\0unfinished'), { status: 0, answers: 'xxxxx' })
  t.equal(left(home).length, 3)
})

t.test('clean answers ! when it cannot remove, and leaves the message', async (t) => {
  const home = scratchHome(t)
  mkdirSync(join(home, 'queue/intd/1000'))
  put(home, 'mess/11/1000', 'todo/1000')
  t.same(clean(home, 'foop/1000\0todo/1000\0'), { status: 0, answers: '!!' })
  t.same(left(home), ['mess/11/1000', 'todo/1000'])
})

t.test('clean answers each command at once', async (t) => {
  const home = scratchHome(t)
  const child = spawn(program, { env: environmentOf(home), stdio: ['pipe', 'pipe', 'inherit'] })
  t.teardown(() => child.kill('SIGKILL'))
  for (const [commands, answers] of [
    ['foop/1\0', '+'],
    ['x\0', 'x'],
    ['todo/2\0foop/3\0', '++'],
  ] as const) {
    ;(child.stdin as Writable).write(commands)
    let got = ''
    while (got.length < answers.length) got += String((await once(child.stdout as Readable, 'data'))[0])
    t.equal(got, answers)
  }
  child.stdin?.end()
  t.equal(await ended(child), 0)
})

t.test('clean takes thousands of commands together', async (t) => {
  const home = scratchHome(t)
  const ids = Array.from({ length: 2_000 }, (_, i) => 10_000 + i)
  put(home, ...ids.map((id) => `todo/${id}`))
  t.same(clean(home, ids.map((id) => `todo/${id}\0`).join('')), { status: 0, answers: '+'.repeat(2_000) })
  t.same(left(home), [])
})

t.test('clean exits 100 when nobody takes its answers', async (t) => {
  const home = scratchHome(t)
  const child = spawn(program, { env: environmentOf(home), stdio: ['pipe', 'pipe', 'inherit'] }) as ChildProcess
  ;(child.stdout as Readable).destroy()
  ;(child.stdin as Writable).write('foop/1\0')
  t.equal(await ended(child), 100)
})

t.test('clean exits 111 where there is no queue', async (t) => {
  const home = scratchHome(t)
  rmSync(join(home, 'queue'), { recursive: true })
  t.same(clean(home, ''), { status: 111, answers: '' })
})

function putInPid(t: Test, home: string): () => boolean[] {
  const paths = ['pid/1.1.1', 'pid/2.2.2', 'pid/3.3.3'].map((path) => join(home, 'queue', path))
  put(home, 'pid/1.1.1', 'pid/2.2.2', 'pid/3.3.3')
  utimesSync(paths[0] as string, ossified, Date.now() / 1000) // the time of access counts
  utimesSync(paths[1] as string, Date.now() / 1000, ossified)
  t.teardown(() => rmSync(home, { recursive: true, force: true }))
  return () => paths.map((path) => existsSync(path))
}

t.test('clean removes files in pid/ that nobody has touched for 36 hours, when it starts', async (t) => {
  const home = scratchHome(t)
  const there = putInPid(t, home)
  clean(home, '')
  t.same(there(), [false, true, true])
})

t.test('clean looks through pid/ again after 31 commands', async (t) => {
  const home = scratchHome(t)
  const child = spawn(program, { env: environmentOf(home), stdio: ['pipe', 'pipe', 'inherit'] })
  t.teardown(() => child.kill('SIGKILL'))
  const ask = async (n: number) => {
    ;(child.stdin as Writable).write('foop/1\0'.repeat(n))
    let got = 0
    while (got < n) got += ((await once(child.stdout as Readable, 'data'))[0] as Buffer).length
  }
  await ask(1)
  const there = putInPid(t, home)
  await ask(29)
  t.same(there(), [true, true, true])
  await ask(2)
  t.same(there(), [false, true, true])
})
