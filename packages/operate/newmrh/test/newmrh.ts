import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CdbFile } from '@yabumi/cdbfile'
import t, { type Test } from 'tap'

const newmrh = join(import.meta.dirname, '../../../../bin/newmrh')

function scratchHome(t: Test): string {
  const home = mkdtempSync(join(tmpdir(), 'newmrh-'))
  t.teardown(() => rmSync(home, { recursive: true, force: true }))
  mkdirSync(join(home, 'control'))
  return home
}

function run(home: string): { status: number | null; complaint: string } {
  const { status, stderr } = spawnSync(newmrh, { env: { PATH: process.env['PATH'] ?? '', YABUMI_HOME: home } })
  return { status, complaint: stderr.toString() }
}

t.test('newmrh makes a key in lower case of every line that is neither empty nor a comment', (t) => {
  const home = scratchHome(t)
  writeFileSync(join(home, 'control/morercpthosts'), 'One.Example \t\n# no\n\n.TWO.example\nlast.example')
  t.same(run(home), { status: 0, complaint: '' })
  const cdb = join(home, 'control/morercpthosts.cdb')
  const found = new CdbFile(cdb)
  for (const key of ['one.example', '.two.example', 'last.example']) t.equal(found.find(Buffer.from(key))?.length, 0, key)
  for (const key of ['One.Example', '# no', '', 'two.example']) t.equal(found.find(Buffer.from(key)), undefined, key)
  found.close()
  t.notOk(existsSync(join(home, 'control/morercpthosts.tmp')))
  t.end()
})

t.test('newmrh leaves the cdb alone when it fails, and says why', (t) => {
  const home = scratchHome(t)
  const cdb = join(home, 'control/morercpthosts.cdb')
  writeFileSync(cdb, 'old')
  t.same(run(home), { status: 111, complaint: 'qmail-newmrh: fatal: unable to read control/morercpthosts: file does not exist\n' })
  writeFileSync(join(home, 'control/morercpthosts'), 'a\n')
  mkdirSync(join(home, 'control/morercpthosts.tmp'))
  t.same(run(home), { status: 111, complaint: 'qmail-newmrh: fatal: unable to write to control/morercpthosts.tmp: is a directory\n' })
  t.equal(readFileSync(cdb, 'latin1'), 'old')
  t.equal(run(join(home, 'missing')).complaint, `qmail-newmrh: fatal: unable to chdir to ${home}/missing: file does not exist\n`)
  t.end()
})
