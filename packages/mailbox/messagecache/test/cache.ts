// The cache of a mailbox: what is kept, and everything that may have happened to the file meanwhile.
import { appendFileSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { cachedMessageBytes, messageCacheBytes } from '@yabumi/limits'
import t, { type Test } from 'tap'
import { MessageCache } from '../src/index.ts'

const guid = '0123456789abcdef0123456789abcdef'
const stamp = { ino: 7, size: 100, mtimeMs: 1_700_000_000_123.5 }

/** A cache as its mailbox has it, and where each base lies. */
class Opened {
  readonly places = new Map<string, number>()
  readonly cache: MessageCache

  constructor(directory: string, id: string = guid, mostBytes?: number) {
    this.cache = new MessageCache(directory, id, (base, at) => this.places.set(base, at), mostBytes)
  }

  add(base: string, fields = `Subject: ${base}\r\n`): void {
    this.cache.add({ base, stamp, digest: { envelope: `(${base})`, structure: '', fields } })
  }

  fieldsOf(base: string): string | undefined {
    return this.cache.read(this.places.get(base) ?? 0, base)?.fields
  }

  close(): void {
    this.cache.close(this.places.size, (base, at) => this.places.get(base) === at)
  }
}

function scratch(t: Test): string {
  const directory = mkdtempSync(join(tmpdir(), 'messagecache-'))
  t.teardown(() => rmSync(directory, { recursive: true }))
  return directory
}

function filled(directory: string, ...bases: string[]): void {
  const opened = new Opened(directory)
  for (const base of bases) opened.add(base)
  opened.close()
}

t.test('what was added is there for the next one, with its stamp', async (t) => {
  const directory = scratch(t)
  filled(directory, '1.a', '2.b')
  const { cache, places } = new Opened(directory)
  const kept = cache.read(places.get('2.b') ?? 0, '2.b')
  t.same(kept?.stamp, stamp)
  t.same([kept?.envelope, kept?.structure, kept?.fields], ['(2.b)', '', 'Subject: 2.b\r\n'])
  t.equal(cache.read(places.get('2.b') ?? 0, '1.a'), undefined, 'and nothing of another message')
  t.equal(statSync(join(directory, 'cache')).mode & 0o777, 0o600)
})

t.test('a torn tail is cut by the next writer', async (t) => {
  const directory = scratch(t)
  filled(directory, '1.a', '2.b')
  const file = join(directory, 'cache')
  for (const missing of [1, 20]) {
    truncateSync(file, statSync(file).size - missing)
    const opened = new Opened(directory)
    t.equal(opened.fieldsOf('1.a'), 'Subject: 1.a\r\n')
    t.equal(opened.fieldsOf('2.b'), undefined)
    opened.add('2.b')
    opened.close()
    t.equal(new Opened(directory).fieldsOf('2.b'), 'Subject: 2.b\r\n')
  }
})

t.test('a byte that has changed costs its record, and what follows', async (t) => {
  const directory = scratch(t)
  filled(directory, '1.a', '2.b', '3.c')
  const file = join(directory, 'cache')
  const bytes = readFileSync(file)
  bytes[bytes.indexOf('Subject: 2.b')] = 0x58
  writeFileSync(file, bytes)
  const opened = new Opened(directory)
  t.equal(opened.fieldsOf('1.a'), 'Subject: 1.a\r\n')
  t.equal(opened.fieldsOf('2.b'), undefined)
  opened.close()
})

t.test('garbage, and the cache of another mailbox, are begun anew', async (t) => {
  const directory = scratch(t)
  for (const spoil of [() => writeFileSync(join(directory, 'cache'), Buffer.alloc(5_000, 0xff)), () => filled(directory, '1.a')]) {
    spoil()
    const opened = new Opened(directory, guid.replace('0', 'f'))
    t.equal(opened.places.size, 0)
    opened.add('4.d')
    opened.close()
    t.equal(new Opened(directory, guid.replace('0', 'f')).fieldsOf('4.d'), 'Subject: 4.d\r\n')
  }
})

t.test('a link or a directory in its place: nothing is kept, nothing is followed', async (t) => {
  const directory = scratch(t)
  writeFileSync(join(directory, 'other'), 'precious')
  symlinkSync('other', join(directory, 'cache'))
  filled(directory, '1.a')
  t.equal(readFileSync(join(directory, 'other'), 'utf8'), 'precious')
})

t.test('two at once: each finds what the other has added, and a record that is being written waits', async (t) => {
  const directory = scratch(t)
  const [one, other] = [new Opened(directory), new Opened(directory)]
  for (let n = 0; n < 50; n += 1) {
    const opened = n % 2 === 0 ? one : other
    opened.add(`${n}.x`)
    opened.cache.flush()
  }
  one.add('last')
  one.cache.flush()
  for (let n = 0; n < 50; n += 1) t.equal(one.fieldsOf(`${n}.x`), `Subject: ${n}.x\r\n`)
  other.close()
  appendFileSync(join(directory, 'cache'), 'torn')
  one.add('51.x')
  one.close()
  t.equal(new Opened(directory).places.size, 52)
})

t.test('where most are of lost messages a new file takes its place, also under who has it open', async (t) => {
  const directory = scratch(t)
  const opened = new Opened(directory)
  for (let n = 0; n < 300; n += 1) opened.add(`${n}.x`)
  opened.cache.flush()
  const before = statSync(join(directory, 'cache')).size
  const other = new Opened(directory)
  for (let n = 0; n < 200; n += 1) opened.places.delete(`${n}.x`)
  opened.close()
  t.ok(statSync(join(directory, 'cache')).size < before / 2)
  t.equal(new Opened(directory).places.size, 100)
  t.equal(other.fieldsOf('5.x'), 'Subject: 5.x\r\n', 'the old file is still its own')
  other.add('another')
  other.cache.flush()
  other.add('another')
  other.cache.flush()
  t.equal(new Opened(directory).fieldsOf('another'), 'Subject: another\r\n')
})

t.test('limits: a message whose record is longer is not kept, nor is what a full cache has no room for', async (t) => {
  const directory = scratch(t)
  const empty = 8 + 38 + '1.a'.length + '(1.a)'.length
  const opened = new Opened(directory)
  opened.add('1.a', 'x'.repeat(cachedMessageBytes - empty))
  opened.add('2.b', 'x'.repeat(cachedMessageBytes - empty + 1))
  opened.cache.flush()
  t.same([...opened.places.keys()], ['1.a'])
  opened.close()
  const full = statSync(join(directory, 'cache')).size + 8 + 38 + 2 * '3.c'.length + 2
  for (const [mostBytes, isKept] of [
    [full - 1, false],
    [full, true],
  ] as const) {
    const bounded = new Opened(directory, guid, mostBytes)
    bounded.add('3.c', '')
    bounded.cache.flush()
    t.equal(bounded.places.has('3.c'), isKept, `${mostBytes} of ${messageCacheBytes} bytes as they are at most`)
    bounded.close()
  }
})
