import { mkdirSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { setImmediate as nextTurn } from 'node:timers/promises'
import t from 'tap'
import { keepUntilChanged, readLine } from '../src/index.ts'

process.chdir(t.testdir({ control: {} }))

t.test('a value is made again when its control file changes, appears or goes', async (t) => {
  const value = keepUntilChanged(['a', 'b'], () => `${readLine('a')} ${readLine('b')}`)
  t.equal(value(), 'undefined undefined')
  writeFileSync('control/a', 'one\n')
  await nextTurn()
  t.equal(value(), 'one undefined')
  writeFileSync('control/a', 'two\n')
  await nextTurn()
  t.equal(value(), 'two undefined', 'the same size, a moment later')
  writeFileSync('control/new', 'six\n')
  renameSync('control/new', 'control/a')
  await nextTurn()
  t.equal(value(), 'six undefined')
  rmSync('control/a')
  writeFileSync('control/b', 'x')
  await nextTurn()
  t.equal(value(), 'undefined x')
})

t.test('a value is kept while its control files are what they were', async (t) => {
  let made = 0
  const value = keepUntilChanged(['missing'], () => {
    made += 1
    return made
  })
  t.same([value(), value(), value()], [1, 1, 1])
})

t.test('what is done in one turn of the event loop is done by what was read once', async (t) => {
  const value = keepUntilChanged(['turn'], () => readLine('turn'))
  while (Date.now() - statSync('control').ctimeMs < 1_100) await nextTurn() // before, a change may leave no trace
  t.equal(value(), undefined)
  writeFileSync('control/turn', 'later\n')
  t.equal(value(), undefined)
  await nextTurn()
  t.equal(value(), 'later')
})

t.test('a value that cannot be made is tried again', async (t) => {
  mkdirSync('control/c')
  utimesSync('control/c', 1, 1)
  const value = keepUntilChanged(['c'], () => readLine('c'))
  t.throws(value)
  t.throws(value)
  rmSync('control/c', { recursive: true })
  await nextTurn()
  t.equal(value(), undefined)
})
