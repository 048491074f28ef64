import { spawnSync } from 'node:child_process'
import { mkdirSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { CannotList, cleanMaildir, listMaildir, maildirPath } from '../src/index.ts'

const start = process.cwd()
t.afterEach(() => process.chdir(start))

function file(part: 'new' | 'cur' | 'tmp', name: string, seconds: number): void {
  writeFileSync(maildirPath(part, name), 'x')
  utimesSync(maildirPath(part, name), seconds, seconds)
}

t.test('messages are listed in the order of arrival, and nothing else is', async (t) => {
  process.chdir(t.testdir({ new: {}, cur: {}, tmp: {} }))
  file('new', 'b', 2_000)
  file('cur', 'c:2,S', 1_000)
  file('new', 'a\xe9', 2_000)
  file('new', '.hidden', 1_000)
  file('new', 'future', Date.now() / 1000 + 100)
  mkdirSync('new/directory')
  symlinkSync('nowhere', 'new/dangling')
  t.same(
    listMaildir(['new', 'cur']).map(({ part, name }) => `${part}/${name}`),
    ['cur/c:2,S', 'new/a\xe9', 'new/b'],
  )
  t.match(listMaildir(['new']), [{ name: 'a\xe9', sizeBytes: 1, arrived: 2_000_000 }, { name: 'b' }])
})

t.test('a part that is not there cannot be listed, nor is it missed in tmp', async (t) => {
  process.chdir(t.testdir({ new: {} }))
  cleanMaildir()
  try {
    listMaildir(['new', 'cur'])
    t.fail()
  } catch (error) {
    t.ok(error instanceof CannotList)
    t.match(error, { part: 'cur', cause: { code: 'ENOENT' } })
  }
})

t.test(
  'a message that the system cannot look at for now is not left out of the list: there is none',
  { skip: spawnSync('strace', ['-V']).error !== undefined && 'no strace' },
  async (t) => {
    process.chdir(t.testdir({ new: {} }))
    for (const name of ['a', 'b']) file('new', name, 1_000)
    const program = join(import.meta.dirname, 'fixtures/list.ts')
    const listing = (error: string) => {
      const faults = ['-P', 'new/a', '-e', 'trace=%%stat', '-e', `inject=%%stat:error=${error}`]
      return spawnSync('strace', ['-f', '-qq', '-o', '/dev/null', ...faults, process.execPath, program], { encoding: 'utf8' })
    }
    for (const error of ['EIO', 'ENOMEM']) t.match(listing(error), { status: 1, stdout: '', stderr: 'unable to read new' })
    t.match(listing('EACCES'), { status: 0, stdout: '["b"]' }, 'closed to us for good, it does not keep the others')
  },
)
