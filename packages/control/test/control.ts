import { chmodSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import t from 'tap'
import { controlBytes } from '../../limits/src/index.ts'
import { ConstMap, listLines, readControl, readLine, readLineOrMe, readList, readNumber } from '../src/index.ts'

process.chdir(t.testdir({ control: {} }))

function put(name: string, text: string): void {
  writeFileSync(`control/${name}`, text, 'latin1')
}

t.test('a missing file is no error and has no value', async (t) => {
  t.equal(readControl('gone'), undefined)
  t.equal(readLine('gone'), undefined)
  t.equal(readList('gone'), undefined)
  t.equal(readNumber('gone', 7), 7)
  t.equal(readLineOrMe('gone'), undefined)
})

t.test('readLine takes the first line without trailing blanks, leading ones included', async (t) => {
  put('line', '  a.example \t \nb.example\n')
  t.equal(readLine('line'), '  a.example')
  put('line', 'no line end')
  t.equal(readLine('line'), 'no line end')
  put('line', '')
  t.equal(readLine('line'), '', 'an empty file is there, with an empty value')
  put('line', '\nsecond')
  t.equal(readLine('line'), '')
  put('line', 'caf\xe9\n')
  t.equal(readLine('line'), 'caf\xe9', 'bytes stay bytes')
})

t.test('readLineOrMe falls back to control/me only if the file is missing', async (t) => {
  put('me', 'me.example\n')
  t.equal(readLineOrMe('helohost'), 'me.example')
  put('helohost', '')
  t.equal(readLineOrMe('helohost'), '')
  put('helohost', 'mx.example\n')
  t.equal(readLineOrMe('helohost'), 'mx.example')
})

t.test('readNumber scans digits from the start of the line and else keeps the default', async (t) => {
  const expected: [string, number][] = [
    ['25\n', 25],
    ['25 seconds', 25],
    ['0', 0],
    ['007', 7],
    ['', 9],
    ['-1', 9],
    [' 5', 9],
    ['many', 9],
  ]
  for (const [text, value] of expected) {
    put('number', text)
    t.equal(readNumber('number', 9), value, JSON.stringify(text))
  }
})

t.test('lists skip comments and empty lines, keep leading blanks and count a last line without its end', async (t) => {
  put('list', '# comment\na.example  \n\n \t\n #kept\nb.example')
  t.same(readList('list'), ['a.example', ' #kept', 'b.example'])
})

t.test('a long line of blanks costs time in proportion to its length', async (t) => {
  t.same(listLines(`${' '.repeat(2_000_000)}x\n`).length, 1) // a quadratic strip would take an hour
})

t.test('a file is read up to its limit, one byte more is trouble that names it', async (t) => {
  writeFileSync('control/huge', 'x\n'.repeat(controlBytes / 2))
  t.equal(readLine('huge'), 'x')
  writeFileSync('control/huge', '\n'.repeat(controlBytes + 1))
  t.throws(() => readLine('huge'), { message: `unable to read control/huge: longer than ${controlBytes} bytes` })
  rmSync('control/huge')
})

t.test('a file that is there and cannot be read is trouble that names it', async (t) => {
  mkdirSync('control/directory')
  t.throws(() => readControl('directory'), { status: '4.3.0', message: 'unable to read control/directory: is a directory' })
})

t.test('a file without read permission is trouble', { skip: process.getuid?.() === 0 && 'root may read everything' }, async (t) => {
  put('secret', 'x')
  chmodSync('control/secret', 0)
  t.throws(() => readLine('secret'), { message: 'unable to read control/secret: access denied' })
})

t.test('ConstMap ignores the case of ASCII letters in keys, and the last line wins', async (t) => {
  const routes = ConstMap.ofColonLines(['A.Example:[10.0.0.1]:26', 'no colon', ':default', 'a.example:b'])
  t.equal(routes.get('a.EXAMPLE'), 'b')
  t.equal(routes.get(''), 'default')
  t.equal(routes.get('no colon'), undefined)
  t.equal(ConstMap.ofColonLines(['a:b:c']).get('a'), 'b:c', 'the key ends at the first colon')
  const hosts = ConstMap.ofLines(['Caf\xc9.example'])
  t.equal(hosts.get('cAF\xc9.EXAMPLE'), '')
  t.equal(hosts.has('caf\xe9.example'), false, 'other bytes have no case')
})
