import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { setImmediate as nextTurn } from 'node:timers/promises'
import t from 'tap'
import { currentPolicy } from '../src/index.ts'

process.chdir(t.testdir({ control: {} }))

t.test('an old home demands nothing and offers nothing', async (t) => {
  t.match(currentPolicy(), { esmtp: false, dane: false, mtasts: false })
  t.equal(currentPolicy().hostFile('mx.example.org'), undefined)
  t.equal(currentPolicy().rules.of('example.org'), undefined)
})

t.test('files of single hosts are found by their names, also after a change', async (t) => {
  mkdirSync('control/tlshosts')
  mkdirSync('control/notlshosts')
  writeFileSync('control/tlshosts/MX.example.org.pem', '')
  writeFileSync('control/notlshosts/old.example.org', '')
  await nextTurn()
  const { hostFile } = currentPolicy()
  t.same(['mx.example.org', 'old.example.org', 'other.example.org', '../tlshosts/mx'].map(hostFile), [
    'tlshosts',
    'notlshosts',
    undefined,
    undefined,
  ])
  writeFileSync('control/tlshosts/exhaustivelist', '')
  await nextTurn()
  t.equal(currentPolicy().hostFile('other.example.org'), 'unlisted')
})

t.test('a list that cannot be read is no list that is empty', async (t) => {
  rmSync('control/notlshosts', { recursive: true })
  writeFileSync('control/notlshosts', '')
  await nextTurn()
  t.throws(currentPolicy, { status: '4.3.0', message: /unable to read control\/notlshosts/ })
})
