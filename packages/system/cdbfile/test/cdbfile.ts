import { renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { makeCdb } from '@yabumi/cdb'
import t from 'tap'
import { CdbFile } from '../src/index.ts'

const one = Buffer.from('one')

t.test('an open file shows one state of it', async (t) => {
  const path = join(t.testdir({}), 'data.cdb')
  writeFileSync(path, makeCdb([[one, Buffer.from('before')]]))
  const file = new CdbFile(path)
  writeFileSync(`${path}.new`, makeCdb([[one, Buffer.from('after')]]))
  renameSync(`${path}.new`, path)
  t.equal(file.find(one)?.toString(), 'before')
  t.same([...file.keys()], [one])
  file.close()
  t.throws(() => file.find(one), { code: 'EBADF' })
})

t.test('a file cut short is damaged, none is ENOENT, and a directory is trouble', async (t) => {
  const directory = t.testdir({})
  const path = join(directory, 'data.cdb')
  writeFileSync(path, makeCdb([[one, one]]).subarray(0, 2050))
  const file = new CdbFile(path)
  t.throws(() => [...file.keys()], { message: 'cdb file is damaged' })
  file.close()
  t.throws(() => new CdbFile(join(directory, 'gone')), { code: 'ENOENT' })
  t.throws(() => new CdbFile(directory).find(one), { code: 'EISDIR' })
})
