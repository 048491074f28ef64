import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  lchownSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { deliverToMaildir } from '../src/index.ts'

function maildir(subdirectories: string[] = ['tmp', 'new', 'cur']): string {
  const path = join(mkdtempSync(join(tmpdir(), 'yabumi-maildir-')), 'Maildir')
  t.teardown(() => rmSync(join(path, '..'), { recursive: true }))
  for (const name of ['', ...subdirectories]) mkdirSync(join(path, name))
  return path
}

const asRoot = { skip: process.getuid?.() !== 0 && 'needs root' }
const head = Buffer.from('Return-Path: <>\n')

t.test('a delivery is one file in new/, private to its owner, with the head in front', async (t) => {
  const path = maildir()
  const name = await deliverToMaildir(path, head, Buffer.from('A: b\n\nc'))
  t.same(readdirSync(join(path, 'new')), [name])
  t.same(readdirSync(join(path, 'tmp')), [])
  t.equal(readFileSync(join(path, 'new', name), 'utf8'), 'Return-Path: <>\nA: b\n\nc')
  t.equal(statSync(join(path, 'new', name)).mode & 0o777, 0o600)
  t.match(name, /^\d{10}\.\d+_[a-z0-9]+_\d+\.[^/:]+$/)
})

t.test('names stay different however many messages arrive in a second', async (t) => {
  const path = `${maildir()}/`
  const names = await Promise.all(Array.from({ length: 500 }, (_, n) => deliverToMaildir(path, head, Buffer.from(String(n)))))
  t.equal(new Set(names).size, 500)
  t.same(new Set(readdirSync(join(path, 'new'))), new Set(names))
})

t.test('a message in pieces is written piece by piece', async (t) => {
  const path = maildir()
  async function* pieces(): AsyncGenerator<Buffer> {
    for (let n = 0; n < 20; n += 1) yield Buffer.alloc(70_000, n)
  }
  const name = await deliverToMaildir(path, head, pieces())
  const written = readFileSync(join(path, 'new', name))
  t.equal(written.length, head.length + 20 * 70_000)
  t.equal(written[head.length + 5 * 70_000], 5)
})

t.test('a message that cannot be read leaves nothing', async (t) => {
  const path = maildir()
  async function* pieces(): AsyncGenerator<Buffer> {
    yield Buffer.from('beginning')
    throw new Error('input/output error')
  }
  await t.rejects(deliverToMaildir(path, head, pieces()), { status: '4.3.0', message: 'Unable to read message.' })
  t.same([...readdirSync(join(path, 'tmp')), ...readdirSync(join(path, 'new'))], [])
})

t.test('a Maildir that is missing is told from one with something missing in it', async (t) => {
  await t.rejects(deliverToMaildir('/nonexistent/Maildir', head, head), { status: '4.2.1', message: 'Unable to chdir to maildir.' })
  const file = join(maildir(), 'file')
  writeFileSync(file, '')
  await t.rejects(deliverToMaildir(file, head, head), { message: 'Unable to chdir to maildir.' })
  await t.rejects(deliverToMaildir(maildir(['new']), head, head), { status: '4.3.0', message: 'Temporary error on maildir delivery.' })
  const withoutNew = maildir(['tmp'])
  await t.rejects(deliverToMaildir(withoutNew, head, head), { message: 'Temporary error on maildir delivery.' })
  t.same(readdirSync(join(withoutNew, 'tmp')), [], 'nothing is left in tmp/')
})

t.test('a Maildir that is closed to us is an unusable Maildir', { skip: process.getuid?.() === 0 }, async (t) => {
  const path = maildir()
  chmodSync(path, 0)
  await t.rejects(deliverToMaildir(path, head, head), { message: 'Unable to chdir to maildir.' })
  chmodSync(path, 0o700)
})

t.test('a Maildir, or a part of it, that neither the user nor root owns is not used, and is named with its owner', asRoot, async (t) => {
  for (const manner of ['names', 'descriptors'] as const) {
    for (const part of ['', 'tmp', 'new']) {
      const path = maildir()
      process.chdir(join(path, '..'))
      lchownSync(join(path, part), 65534, 65534)
      const name = `./Maildir/${part}`
      await t.rejects(deliverToMaildir('./Maildir/', head, head, false, manner), {
        status: '4.2.1',
        message: new RegExp(`^Unable to chdir to maildir: ${name} belongs to .*uid 65534.*, neither to this user nor to root\\.$`),
      })
      t.same([...readdirSync(join(path, 'tmp')), ...readdirSync(join(path, 'new'))], [])
    }
  }
  process.chdir('/')
})

t.test('a Maildir, or a part of it, that another account’s link leads to is not used', asRoot, async (t) => {
  for (const [link, way] of [
    ['Maildir/tmp', './Maildir/'],
    ['Maildir', './Maildir/'],
    ['through', './through/Maildir/'],
  ] as const) {
    const path = maildir(['new', 'cur'])
    const directory = join(path, '..')
    process.chdir(directory)
    mkdirSync('elsewhere')
    mkdirSync('elsewhere/Maildir')
    for (const part of ['tmp', 'new']) mkdirSync(join('elsewhere/Maildir', part))
    if (link === 'Maildir') rmSync('Maildir', { recursive: true })
    symlinkSync(join(directory, link === 'through' ? 'elsewhere' : 'elsewhere/Maildir'), link)
    lchownSync(link, 65534, 65534)
    for (const manner of ['names', 'descriptors'] as const) {
      await t.rejects(deliverToMaildir(way, head, head, false, manner), {
        status: '4.2.1',
        message: /symbolic link of another account/,
      })
    }
    t.same(readdirSync('elsewhere/Maildir/new'), [])
    lchownSync(link, 0, 0)
    if (link !== 'Maildir/tmp') await deliverToMaildir(way, head, head, false, 'descriptors')
    if (link !== 'Maildir/tmp') t.equal(readdirSync('elsewhere/Maildir/new').length, 1, 'one’s own is followed')
  }
  process.chdir('/')
})

t.test('a name with 8-bit bytes is a name like any other', async (t) => {
  const path = maildir()
  const strange = Buffer.concat([Buffer.from(join(path, '..')), Buffer.from('/M\xe9', 'latin1')])
  symlinkSync('Maildir', strange)
  await deliverToMaildir(strange.toString('latin1'), head, head)
  t.equal(readdirSync(join(path, 'new')).length, 1)
})

t.test(
  'the file is synced before the rename, and new/ before the delivery is reported',
  { skip: spawnSync('strace', ['-V']).error !== undefined && 'no strace' },
  (t) => {
    const path = maildir()
    const program = join(import.meta.dirname, 'fixtures/deliver.ts')
    const trace = join(path, '../trace')
    const calls = 'trace=openat,write,fsync,rename,close'
    const run = spawnSync('strace', ['-f', '-qq', '-y', '-e', calls, '-o', trace, process.execPath, program, path, '1'], {
      encoding: 'utf8',
    })
    t.equal(run.status, 0, run.stderr)
    const steps = readFileSync(trace, 'utf8')
      .split('\n')
      .filter((line) => line.includes('Maildir/') || line.includes('"delivered'))
      .map((line) => /(fsync\(\d+<.*\/(tmp|new)\b|rename|"delivered|write)/.exec(line)?.[0]?.replace(/\(.*\//, ' '))
      .filter((step) => step !== undefined)
    t.same(steps, ['write', 'fsync tmp', 'rename', 'fsync new', 'write'])
    t.end()
  },
)

t.test(
  'deliveries in flight together share the sync of new/',
  { skip: spawnSync('strace', ['-V']).error !== undefined && 'no strace' },
  (t) => {
    const path = maildir()
    const program = join(import.meta.dirname, 'fixtures/deliver.ts')
    const trace = join(path, '../trace')
    const run = spawnSync('strace', ['-f', '-qq', '-y', '-e', 'trace=fsync', '-o', trace, process.execPath, program, path, '200'], {
      encoding: 'utf8',
    })
    t.equal(run.status, 0, run.stderr)
    const lines = readFileSync(trace, 'utf8').split('\n')
    t.equal(lines.filter((line) => /fsync\(\d+<[^>]*Maildir\/tmp\//.test(line)).length, 200, 'one sync for each file')
    const shared = lines.filter((line) => /fsync\(\d+<[^>]*Maildir\/new>/.test(line)).length
    t.ok(shared < 100, `${shared} syncs of new/ for 200 deliveries`)
    t.end()
  },
)
