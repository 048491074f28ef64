import { chmodSync, lchownSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { Descent } from '../src/index.ts'

const foreign = { message: /symbolic link of another account: .*uid 65534/ }
const asRoot = { skip: process.getuid?.() !== 0 && 'needs root' }

/** A directory that is the working directory for the time of the test, with what is in it. */
function scratch(files: Record<string, string>): string {
  const directory = mkdtempSync(join(tmpdir(), 'yabumi-ownpath-'))
  const before = process.cwd()
  process.chdir(directory)
  t.teardown(() => {
    process.chdir(before)
    rmSync(directory, { recursive: true })
  })
  for (const [name, text] of Object.entries(files)) {
    if (name.endsWith('/')) mkdirSync(name)
    else writeFileSync(name, text)
  }
  return directory
}

function read(path: string): string {
  return readFileSync(path, 'utf8')
}

t.test('in a directory that keeps its names a way is a name', async (t) => {
  scratch({ 'a/': '', 'a/b/': '' })
  const descent = new Descent('names')
  const { path, name, status } = descent.to('./a//b/')
  t.same([path, name, status?.isDirectory()], ['./a/b', './a//b/', true])
  descent.close()
})

t.test('in any other one a way leads to what was there when it was looked at', async (t) => {
  scratch({ 'open/': '', 'open/box/': '', 'open/box/file': 'mine', 'other/': '', 'other/file': 'theirs' })
  chmodSync('open', 0o777)
  const descent = new Descent('names')
  const box = descent.to('open/box')
  const file = descent.toFile('open/box/file')
  renameSync('open/box', 'open/gone')
  symlinkSync('../other', 'open/box')
  t.equal(read(`${box.path}/file`), 'mine')
  t.equal(read(`${file.directory.path}/${file.last}`), 'mine')
  t.equal(read('open/box/file'), 'theirs')
  descent.close()
  t.throws(() => read(`${box.path}/file`), { code: 'ENOENT' }, 'and to nothing once it is closed')
})

t.test('a link is followed wherever it lies and leads, and loops end', async (t) => {
  const directory = scratch({ 'a/': '', 'a/file': 'text', 'open/': '' })
  chmodSync('open', 0o777)
  symlinkSync('../a', 'open/relative')
  symlinkSync(join(directory, 'open/relative'), 'absolute')
  symlinkSync('file', 'a/link')
  for (const manner of ['names', 'descriptors'] as const) {
    const descent = new Descent(manner)
    t.equal(read(`${descent.to('absolute').path}/file`), 'text')
    const place = descent.follow(descent.toFile('absolute/link'))
    t.equal(read(`${place.directory.path}/${place.last}`), 'text')
    descent.close()
  }
  symlinkSync('loop', 'loop')
  t.throws(() => new Descent('names').to('loop'), { code: 'ELOOP' })
})

t.test('a link of another account is not followed', asRoot, async (t) => {
  scratch({ 'a/': '', 'a/file': 'text' })
  symlinkSync('a', 'link')
  symlinkSync('file', 'a/link')
  for (const link of ['link', 'a/link']) lchownSync(link, 65534, 65534)
  for (const manner of ['names', 'descriptors'] as const) {
    const descent = new Descent(manner)
    t.throws(() => descent.to('./link/'), foreign)
    t.throws(() => descent.toFile('link/file'), foreign)
    t.throws(() => descent.follow(descent.toFile('a/link')), foreign)
    descent.close()
  }
})
