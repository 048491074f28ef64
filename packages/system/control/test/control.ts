import { chmodSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import t from 'tap'
import { controlBytes, stopSeconds } from '../../../formats/limits/src/index.ts'
import { ConstMap, listLines, onControlWarning, readControl, readLine, readLineOrMe, readList, readNumber, StopTime } from '../src/index.ts'

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

t.test('B3: a CR at the end of a line is a trailing blank, and a byte order mark does not count', async (t) => {
  put('rcpthosts', '\xef\xbb\xbfa.example\r\n# comment\r\n\r\nb.example \r\r\nc.example\r')
  t.same(readList('rcpthosts'), ['a.example', 'b.example', 'c.example'])
  t.same(listLines('\xef\xbb\xbfa.example\r\nb.example\r\n'), ['a.example', 'b.example'], 'nor in files that are kept elsewhere')
  put('me', '\xef\xbb\xbfme.example\t\r\n')
  t.equal(readLine('me'), 'me.example')
  put('databytes', '\xef\xbb\xbf100\r\n')
  t.equal(readNumber('databytes', 0), 100)
  put('defaultdelivery', '|a\r\n./Maildir/\r\n')
  t.equal(readControl('defaultdelivery'), '|a\n./Maildir/\n')
  put('rcpthosts', 'a\rb.example\n')
  t.same(readList('rcpthosts'), ['a\rb.example'], 'others are bytes')
})

t.test('B3: a control/me without a name cannot be read: no mail is for anybody at no host', async (t) => {
  for (const text of ['', '\n', '\xef\xbb\xbf', '\r\nme.example\r\n', '# me\nme.example\n', ' \t\n']) {
    put('me', text)
    for (const read of [() => readLine('me'), () => readLineOrMe('doublebouncehost')])
      t.throws(
        read,
        { status: '4.3.0', message: "unable to read control/me: its first line is to be this host's name" },
        JSON.stringify(text),
      )
  }
})

t.test('B3: each odd line is named once with file and line, and again after a change', async (t) => {
  const heard: string[] = []
  onControlWarning((warning) => heard.push(warning))
  const after = (read: () => void): string[] => {
    heard.length = 0
    read()
    return [...heard]
  }
  const routes = () => readList('smtproutes')
  put('smtproutes', 'a.example:relay:abc\n# c\n:relay:25\nb.example\nc.example:[::1]:99999\nd.example:[::1]\ne.example:\r\nf:r:25x\n')
  t.same(after(routes), [
    'control/smtproutes line 1: the port is no number, so the usual one is meant',
    'control/smtproutes line 4: there is no colon, so it does not count',
    'control/smtproutes line 5: the port is no number up to 65535',
    'control/smtproutes line 8: the port is no number up to 65535',
  ])
  t.same(after(routes), [], 'once')
  put('smtproutes', 'a.example:relay:abc\n')
  t.same(after(routes), ['control/smtproutes line 1: the port is no number, so the usual one is meant'])
  put('smtproutes', '# a|b\na.example:relay:587|joe|geheim\nb.example:relay\n')
  chmodSync('control/smtproutes', 0o640)
  t.same(after(routes), [], 'a login of a route is no part of its port')
  chmodSync('control/smtproutes', 0o644)
  t.same(after(routes), ['control/smtproutes line 2: has a password that everybody on this host may read; chmod o-r the file'])
  put('rcpthosts', '\xef\xbb\xbfa.example\n.b.example\n c.example\njoe@d.example\n')
  t.same(
    after(() => readList('rcpthosts')),
    [
      'control/rcpthosts line 1: begins with a byte order mark, which does not count; save it without',
      'control/rcpthosts line 3: no domain has such bytes, so it stands for none',
      'control/rcpthosts line 4: no domain has such bytes, so it stands for none',
    ],
  )
  put('idhost', '\r\nme.example\r\n')
  t.same(
    after(() => readLine('idhost')),
    ['control/idhost line 1: is empty, and the lines after it do not count'],
  )
  put('idhost', '# ours\nme.example\n')
  t.same(
    after(() => readLine('idhost')),
    ['control/idhost line 1: is no comment but the value, as nothing else of the file is'],
  )
  put('databytes', 'many\n')
  t.same(
    after(() => readNumber('databytes', 0)),
    ['control/databytes line 1: does not begin with a number, so it does not count'],
  )
  for (const [text, digits] of [
    ['10M', '10'],
    ['7d', '7'],
    ['0x10', '0'],
    ['1e3', '1'],
    ['3.5', '3'],
  ] as const) {
    put('databytes', `${text}\n`)
    const heard = after(() => readNumber('databytes', 0))
    t.same(heard, [`control/databytes line 1: counts as ${digits}: what follows the digits, a unit or another number, does not`])
  }
  put('databytes', '100 bytes\n')
  t.same(
    after(() => readNumber('databytes', 0)),
    [],
  )
  put('virtualdomains', 'a.example:joe\njoe@b.example:bob\nc.example\n')
  t.same(
    after(() => readList('virtualdomains')),
    ['control/virtualdomains line 3: there is no colon, so it does not count'],
  )
  const blank = 'a blank beside the colon or in front is part of a name, which nobody has'
  for (const line of ['a.example: joe', 'a.example :joe', ' a.example:joe', 'a.example:\tjoe']) {
    for (const file of ['virtualdomains', 'smtproutes']) {
      put(file, `ok.example:ok\n${line}\n`)
      t.same(
        after(() => readList(file)),
        [`control/${file} line 2: ${blank}`],
        line,
      )
    }
  }
  for (const [line, problem] of [
    ['*.example', 'no domain has such bytes, so it stands for none'],
    ['@a.example', 'no domain has such bytes, so it stands for none'],
    ['a.example # mine', 'no domain has such bytes, so it stands for none'],
    ['a.example:25', 'no domain has such bytes, so it stands for none'],
    ['a.example.', 'a dot at the end is never part of an address, so it stands for none'],
    ['a.exam\0ple', 'no domain has such bytes, so it stands for none'],
    ['\xff\xfea\0', 'no domain has such bytes, so it stands for none'],
  ] as const) {
    put('rcpthosts', `${line}\n`)
    t.same(
      after(() => readList('rcpthosts')),
      [`control/rcpthosts line 1: ${problem}`],
      line,
    )
  }
  put('smtpgreeting', 'mail.example ready, at last\n')
  put('locals', 'a.example\n[192.0.2.1]\n')
  t.same(
    after(() => [readLine('smtpgreeting'), readList('locals')]),
    [],
  )
})

t.test('control/stoptime: a bad line keeps the last good reading, and is named; a program may go elsewhere meanwhile', async (t) => {
  const log: string[] = []
  const home = process.cwd()
  const stopTime = new StopTime((line) => log.push(line))
  t.equal(stopTime.seconds, stopSeconds, 'without the file')
  put('stoptime', '12\n')
  process.chdir('/')
  t.equal(stopTime.seconds, 12)
  process.chdir(home)
  put('stoptime', 'soon\n')
  t.equal(stopTime.seconds, 12)
  put('stoptime', '1000000\n')
  t.equal(stopTime.seconds, 12)
  rmSync('control/stoptime')
  mkdirSync('control/stoptime')
  t.equal(stopTime.seconds, 12)
  t.same(log, [
    'control/stoptime:1: not a number up to 999999; 12 still counts',
    'control/stoptime:1: not a number up to 999999; 12 still counts',
    'control/stoptime: is a directory; 12 still counts',
  ])
  rmSync('control/stoptime', { recursive: true })
  t.equal(stopTime.seconds, stopSeconds)
  put('stoptime', '')
  t.equal(new StopTime((line) => log.push(line)).seconds, stopSeconds)
  t.equal(log.at(-1), `control/stoptime:1: not a number up to 999999; ${stopSeconds} still counts`)
})
