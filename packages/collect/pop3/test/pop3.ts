import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { capabilities, coded, PopSwitch, parseCommand, refusal } from '../src/index.ts'

t.test('parseCommand reads a line as qmail does: a NUL ends it, blanks before an argument do not count', async (t) => {
  t.same(parseCommand('USER joe'), { verb: 'user', argument: 'joe', exact: 'joe' })
  t.same(parseCommand('Pass   a b '), { verb: 'pass', argument: 'a b ', exact: '  a b ' })
  t.same(parseCommand('quit\0 now'), { verb: 'quit', argument: '', exact: '' })
  t.same(parseCommand(''), { verb: '', argument: '', exact: '' })
})

t.test('a code is put into a refusal that has none, and into nothing else', async (t) => {
  t.equal(coded('-ERR no', 'AUTH'), '-ERR [AUTH] no')
  t.equal(coded('-ERR [SYS/TEMP] no', 'AUTH'), '-ERR [SYS/TEMP] no')
  for (const reply of ['+OK ', '']) t.equal(coded(reply, 'AUTH'), reply)
  t.equal(refusal('no', 'IN-USE', true), '-ERR [IN-USE] no')
  t.equal(refusal('no', 'IN-USE', false), '-ERR no')
})

t.test('capabilities is a reply of many lines, none longer than RFC 2449 allows', async (t) => {
  t.match(capabilities(), /^\+OK [^\r\n]*\r\n(?:[A-Z][A-Z -]*[A-Za-z]+\r\n)+\.$/)
  for (const line of capabilities(['STLS']).split('\r\n')) t.ok(line.length <= 510, line)
})

t.test('a switch without its file is as qmail has it, and a bad line keeps the last good reading', async (t) => {
  const home = t.testdir({})
  const log: string[] = []
  const [extensions, apop] = (['popextensions', 'apop'] as const).map((name) => new PopSwitch(name, (line) => log.push(line), home))
  t.same([extensions?.isOn, apop?.isOn], [false, true])
  mkdirSync(join(home, 'control'))
  for (const [text, isOn] of [
    ['1\n', true],
    ['2\n', true],
    ['0\n', false],
    ['on\n', false],
  ] as const) {
    writeFileSync(join(home, 'control/popextensions'), text)
    t.equal(extensions?.isOn, isOn, text)
  }
  t.same(
    log,
    [1, 0].map((good) => `control/popextensions:1: not a number up to 1; ${good} still counts`),
  )
})
