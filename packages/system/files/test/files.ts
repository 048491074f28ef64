import { closeSync, mkdirSync, openSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { removeQuietly, syncDirectory, whenReady, writeAll } from '../src/index.ts'

t.test('writeAll writes all of it from where the descriptor stands', async (t) => {
  const path = join(t.testdir({}), 'file')
  const fd = openSync(path, 'w')
  writeAll(fd, Buffer.from('one '))
  writeAll(fd, Buffer.from('two'))
  closeSync(fd)
  t.equal(readFileSync(path, 'utf8'), 'one two')
})

t.test('writeAll throws what write(2) says', async (t) => {
  const fd = openSync('/dev/full', 'w')
  t.throws(() => writeAll(fd, Buffer.from('x')), { code: 'ENOSPC' })
  closeSync(fd)
})

t.test('syncDirectory takes text and bytes, and throws where there is no directory', async (t) => {
  const directory = t.testdir({})
  t.doesNotThrow(() => syncDirectory(directory))
  const bytes = Buffer.from(`${directory}/caf\xe9`, 'latin1')
  mkdirSync(bytes)
  t.doesNotThrow(() => syncDirectory(bytes))
  t.throws(() => syncDirectory(join(directory, 'gone')), { code: 'ENOENT' })
})

t.test('removeQuietly says whether the file was removed, and leaves where a link leads', async (t) => {
  const directory = t.testdir({ file: 'kept' })
  const link = join(directory, 'link')
  symlinkSync('file', link)
  t.equal(removeQuietly(link), true)
  t.equal(removeQuietly(link), false)
  t.equal(removeQuietly(directory), false)
  t.equal(readFileSync(join(directory, 'file'), 'utf8'), 'kept')
  writeFileSync(link, '')
  t.equal(removeQuietly(Buffer.from(link)), true)
})

t.test('whenReady calls again after EAGAIN alone', async (t) => {
  let calls = 0
  const failing = (code: string) => () => {
    calls += 1
    if (calls < 3) throw Object.assign(new Error(code), { code })
    return calls
  }
  t.equal(whenReady(failing('EAGAIN')), 3)
  calls = 0
  t.throws(() => whenReady(failing('EPIPE')), { code: 'EPIPE' })
  t.equal(calls, 1)
})
