import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  lchownSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { makeFifo, tryLock } from '@yabumi/posix'
import t from 'tap'
import { appendToMbox } from '../src/append.ts'

const head = Buffer.from('From s@x Thu Jan 01 00:00:00 1970\nDelivered-To: joe@h\n')

function scratch(): string {
  const directory = mkdtempSync(join(tmpdir(), 'yabumi-mbox-'))
  t.teardown(() => rmSync(directory, { recursive: true }))
  return directory
}

t.test('a message is appended behind what is there, and a new mbox is private', async (t) => {
  const path = join(scratch(), 'Mailbox')
  await appendToMbox(path, head, Buffer.from('A: b\n\nFrom c'))
  await appendToMbox(path, head, Buffer.alloc(0))
  t.equal(readFileSync(path, 'utf8'), `${head}A: b\n\n>From c\n\n${head}\n`)
  t.equal(statSync(path).mode & 0o777, 0o600)
})

t.test('a message in pieces is the same as one in one piece', async (t) => {
  const path = join(scratch(), 'Mailbox')
  async function* pieces(): AsyncGenerator<Buffer> {
    for (let n = 0; n < 5; n += 1) yield Buffer.from('x\nFro')
    yield Buffer.from('m y')
  }
  await appendToMbox(path, head, pieces())
  t.equal(readFileSync(path, 'utf8'), `${head}${'x\nFro'.repeat(4)}x\n>From y\n\n`)
})

t.test('deliveries to one mbox take turns, whatever they are called by', async (t) => {
  const directory = scratch()
  const path = join(directory, 'Mailbox')
  const other = `${directory}/./Mailbox`
  async function* slow(): AsyncGenerator<Buffer> {
    for (let n = 0; n < 20; n += 1) yield Buffer.from('line\n')
  }
  await Promise.all([...Array.from({ length: 20 }, () => appendToMbox(path, head, slow())), appendToMbox(other, head, slow())])
  t.equal(readFileSync(path, 'utf8'), `${head}${'line\n'.repeat(20)}\n`.repeat(21))
})

t.test('an append waits for the lock of another program', async (t) => {
  const path = join(scratch(), 'Mailbox')
  writeFileSync(path, '')
  const holder = spawn('flock', [path, 'sh', '-c', 'echo held; read x; echo theirs >>"$0"', path], { stdio: ['pipe', 'pipe', 'inherit'] })
  await once(holder.stdout, 'data')
  const fd = openSync(path, 'r')
  t.equal(tryLock(fd), false, 'it is locked')
  const delivered = appendToMbox(path, head, Buffer.from('ours\n'))
  await new Promise((resolve) => setImmediate(resolve))
  t.equal(readFileSync(path, 'utf8'), '')
  holder.stdin.end('\n')
  await delivered
  t.equal(readFileSync(path, 'utf8'), `theirs\n${head}ours\n\n`)
})

t.test('an append goes to the file that has the name when the lock is free', async (t) => {
  const path = join(scratch(), 'Mailbox')
  writeFileSync(path, 'old\n')
  const script = 'echo held; read x; echo new >"$0.tmp"; mv "$0.tmp" "$0"'
  const holder = spawn('flock', [path, 'sh', '-c', script, path], { stdio: ['pipe', 'pipe', 'inherit'] })
  await once(holder.stdout, 'data')
  const delivered = appendToMbox(path, head, Buffer.from('ours\n'))
  await new Promise((resolve) => setImmediate(resolve))
  holder.stdin.end('\n')
  await delivered
  t.equal(readFileSync(path, 'utf8'), `new\n${head}ours\n\n`)
})

t.test('trouble in the middle leaves the mbox as it was', async (t) => {
  const path = join(scratch(), 'Mailbox')
  writeFileSync(path, 'old mail\n\n')
  async function* pieces(): AsyncGenerator<Buffer> {
    yield Buffer.alloc(100_000, 'x')
    throw Object.assign(new Error('read'), { code: 'EIO' })
  }
  await t.rejects(appendToMbox(path, head, pieces()), { status: '4.3.0', message: 'Unable to read message: input/output error.' })
  t.equal(readFileSync(path, 'utf8'), 'old mail\n\n')
  await appendToMbox(path, head, Buffer.from('next\n'))
  t.equal(readFileSync(path, 'utf8'), `old mail\n\n${head}next\n\n`, 'the next delivery goes on')
})

t.test('a message behind one that a crash has cut off begins on a line of its own', async (t) => {
  const path = join(scratch(), 'Mailbox')
  for (const torn of ['From me\n\nhalf a li', 'From me\n\nwhole\n\n\0\0\0']) {
    writeFileSync(path, torn)
    await appendToMbox(path, head, Buffer.from('next\n'))
    t.equal(readFileSync(path, 'utf8'), `${torn}\n\n${head}next\n\n`)
  }
  writeFileSync(path, 'From me\n\na whole line\n')
  await appendToMbox(path, head, Buffer.from('next\n'))
  t.equal(readFileSync(path, 'utf8'), `From me\n\na whole line\n${head}next\n\n`, 'and otherwise directly behind it')
})

t.test('a full disk leaves the mbox as it was', async (t) => {
  const path = join(scratch(), 'Mailbox')
  const program = join(import.meta.dirname, 'fixtures/append.ts')
  writeFileSync(path, 'old mail\n\n')
  const child = spawn('sh', ['-c', 'ulimit -f 8; exec "$0" "$@"', process.execPath, program, path, '20000'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [output] = (await once(child.stdout, 'data')) as [Buffer]
  t.equal(output.toString(), `4.3.0 Unable to write ${path}: file too big.\n`)
  t.equal(readFileSync(path, 'utf8'), 'old mail\n\n')
})

t.test('what is no mailbox is refused, without waiting', async (t) => {
  const directory = scratch()
  const path = join(directory, 'Mailbox')
  await t.rejects(appendToMbox(join(directory, 'no/Mailbox'), head, head), {
    status: '4.2.1',
    message: `Unable to open ${directory}/no/Mailbox: file does not exist.`,
  })
  await t.rejects(appendToMbox(directory, head, head), { message: `Unable to open ${directory}: is a directory.` })
  makeFifo(join(directory, 'fifo'), 0o600)
  await t.rejects(appendToMbox(join(directory, 'fifo'), head, head), {
    message: `Unable to open ${directory}/fifo: device not configured.`,
  })
  await t.rejects(appendToMbox('/dev/null', head, head), { message: 'Unable to open /dev/null: not a regular file.' })
  writeFileSync(path, '')
  linkSync(path, join(directory, 'second'))
  await t.rejects(appendToMbox(path, head, head), { message: `Unable to open ${path}: file has several names.` })
  t.equal(readFileSync(path, 'utf8'), '')
})

t.test('a symbolic link of one’s own is followed', async (t) => {
  const directory = scratch()
  symlinkSync('target', join(directory, 'Mailbox'))
  await appendToMbox(join(directory, 'Mailbox'), head, Buffer.from('x\n'))
  t.equal(readFileSync(join(directory, 'target'), 'utf8'), `${head}x\n\n`)
})

t.test('a symbolic link of another account is not followed', { skip: process.getuid?.() !== 0 && 'needs root' }, async (t) => {
  const directory = scratch()
  writeFileSync(join(directory, 'secret'), '')
  symlinkSync('secret', join(directory, 'Mailbox'))
  lchownSync(join(directory, 'Mailbox'), 65534, 65534)
  await t.rejects(appendToMbox(join(directory, 'Mailbox'), head, head), {
    message: new RegExp(`^Unable to open ${directory}/Mailbox: .* is reached by a symbolic link of another account: .*uid 65534\\)?\\.$`),
  })
  t.equal(readFileSync(join(directory, 'secret'), 'utf8'), '')
})

t.test('an mbox of another account is not used, and its owner is named', { skip: process.getuid?.() !== 0 && 'needs root' }, async (t) => {
  const directory = scratch()
  process.chdir(directory)
  writeFileSync('Mailbox', '')
  lchownSync('Mailbox', 65534, 65534)
  for (const manner of ['names', 'descriptors'] as const) {
    await t.rejects(appendToMbox('./Mailbox', head, head, manner), {
      status: '4.2.1',
      message: /^Unable to open \.\/Mailbox: \.\/Mailbox belongs to .*uid 65534.*, neither to this user nor to root\.$/,
    })
  }
  t.equal(readFileSync('Mailbox', 'utf8'), '')
  process.chdir('/')
})

t.test(
  'a directory on the way that is another account’s link is not entered',
  { skip: process.getuid?.() !== 0 && 'needs root' },
  async (t) => {
    const directory = scratch()
    mkdirSync(join(directory, 'real'))
    symlinkSync('real', join(directory, 'way'))
    lchownSync(join(directory, 'way'), 65534, 65534)
    await t.rejects(appendToMbox(join(directory, 'way/Mailbox'), head, head), {
      status: '4.2.1',
      message: /symbolic link of another account/,
    })
    t.same(readdirSync(join(directory, 'real')), [])
    lchownSync(join(directory, 'way'), 0, 0)
    await appendToMbox(join(directory, 'way/Mailbox'), head, Buffer.from('x\n'))
    t.equal(readFileSync(join(directory, 'real/Mailbox'), 'utf8'), `${head}x\n\n`, 'one’s own is')
  },
)

t.test('an mbox that is closed to us is not opened', { skip: process.getuid?.() === 0 && 'root may do everything' }, async (t) => {
  const path = join(scratch(), 'Mailbox')
  writeFileSync(path, '')
  chmodSync(path, 0)
  await t.rejects(appendToMbox(path, head, head), { message: `Unable to open ${path}: access denied.` })
})
