import { createHash } from 'node:crypto'
import { createReadStream, openSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { execa } from 'execa'
import t, { type Test } from 'tap'
import { headerBytes } from '../../limits/src/index.ts'

const bin = join(import.meta.dirname, '../../../bin/inject')
const queue = join(import.meta.dirname, 'fixtures/queue')

interface Case {
  args?: string[]
  env?: Record<string, string>
  input?: string | Readable
  stdin?: 0
  cwd?: string
}

/** A scratch home, and a function that runs inject in it. */
function scratch(t: Test) {
  const home = t.testdir({ control: { me: 'test.example\n' }, capture: {} })
  const capture = join(home, 'capture')
  return {
    home,
    capture,
    async inject({ args = [], env = {}, input = '', stdin, cwd = home }: Case) {
      const source = stdin !== undefined ? { stdin } : { input }
      const result = await execa(bin, args, {
        ...source,
        env: { PATH: '/usr/bin:/bin', USER: 'joe', YABUMI_HOME: home, QMAILQUEUE: queue, CAPTURE: capture, ...env },
        extendEnv: false,
        cwd,
        reject: false,
        stripFinalNewline: false,
      })
      return { exit: result.exitCode, stderr: result.stderr, stdout: result.stdout }
    },
    message: () => readFileSync(join(capture, 'mess'), 'latin1'),
    /** The fields that came in and the body, without what inject adds. */
    given: () =>
      readFileSync(join(capture, 'mess'), 'latin1')
        .replace(/^(Resent-)?(Date|Message-ID): .*\n/gm, '')
        .replace(/^(Resent-)?From: joe@test.example\n/m, ''),
    envelope: () => readFileSync(join(capture, 'env'), 'latin1').split('\0'),
  }
}

t.test('the domain is what follows the last @, in any case', async (t) => {
  const { inject, envelope } = scratch(t)
  const args = ['@at@@heaven.af.mil', '@heaven.af.mil', 'God@HEAVEN.AF.MIL', 'God@Heaven.AF.Mil']
  t.same(await inject({ args }), { exit: 0, stderr: '', stdout: '' })
  t.same(envelope(), ['Fjoe@test.example', ...args.map((arg) => `T${arg}`), '', ''])
})

t.test('header, body, folding', async (t) => {
  const { inject, given, envelope } = scratch(t)
  t.match(await inject({ input: 'Subject: a\n  b\n\tc\nTo: x@y.z,\n\tv@w.z\n\nbody\n\n' }), { exit: 0 })
  t.equal(given(), 'Subject: a\n  b\n\tc\nTo: x@y.z, v@w.z\n\nbody\n\n')
  t.same(envelope(), ['Fjoe@test.example', 'Tv@w.z', 'Tx@y.z', '', ''])
})

t.test('a message without a body', async (t) => {
  const { inject, given } = scratch(t)
  t.match(await inject({ input: 'To: x@y.z' }), { exit: 0 })
  t.equal(given(), 'To: x@y.z\n')
})

t.test('a message without a header', async (t) => {
  const { inject, given } = scratch(t)
  t.match(await inject({ input: 'hello', args: ['x@y.z'] }), { exit: 0 })
  t.equal(given(), 'Cc: recipient list not shown: ;\n\nhello\n')
})

t.test('the envelope sender is Return-Path, and no other sender field', async (t) => {
  const { inject, given, envelope } = scratch(t)
  const senders = ['From', 'Sender', 'Reply-To', 'Return-Receipt-To', 'Errors-To'].map((name) => `${name}: f@g.h\n`).join('')
  t.match(await inject({ input: `${senders}Return-Path: <r@s.t>\nTo: x@y.z\n\n` }), { exit: 0 })
  t.equal(envelope()[0], 'Fr@s.t')
  t.equal(given(), `${senders}To: x@y.z\n\n`)
  t.match(await inject({ input: `${senders}To: x@y.z\n\n` }), { exit: 0 })
  t.equal(envelope()[0], 'Fjoe@test.example')
})

t.test('the recipients are those of To, Cc, Bcc and Apparently-To', async (t) => {
  const { inject, given, envelope } = scratch(t)
  t.match(await inject({ input: 'To: a@x.y\nCc: b@x.y\nBcc: c@x.y\nApparently-To: d@x.y\n\n' }), { exit: 0 })
  t.same(envelope(), ['Fjoe@test.example', 'Ta@x.y', 'Tb@x.y', 'Tc@x.y', 'Td@x.y', '', ''])
  t.equal(given(), 'To: a@x.y\nCc: b@x.y\nApparently-To: d@x.y\n\n')
})

t.test('a message that is sent on goes to Resent-To, Resent-Cc and Resent-Bcc only', async (t) => {
  const { inject, given, envelope } = scratch(t)
  t.match(await inject({ input: 'To: a@x.y\nResent-To: b@x.y\nResent-Cc: c@x.y\nResent-Bcc: d@x.y\n\n' }), { exit: 0 })
  t.same(envelope(), ['Fjoe@test.example', 'Tb@x.y', 'Tc@x.y', 'Td@x.y', '', ''])
  t.equal(given(), 'To: a@x.y\nResent-To: b@x.y\nResent-Cc: c@x.y\n\n')
})

t.test('Bcc and Resent-Bcc never leave', async (t) => {
  const { inject, message } = scratch(t)
  for (const name of ['Bcc', 'bcc ', 'RESENT-BCC', 'Resent-Bcc\t']) {
    for (const list of ['secret@x.y', 'a, secret <x>,\n secret@x', '"secret', 'secret>', 'secret: a']) {
      t.match(await inject({ args: ['a@x.y'], input: `${name}: ${list}\nTo: a@x.y\n\nbody\n` }), { exit: 0 }, `${name}: ${list}`)
      t.notMatch(message(), 'secret')
    }
  }
})

t.test('the lists of QMAILMFTFILE are looked for where inject was started', async (t) => {
  const { inject, given, capture } = scratch(t)
  writeFileSync(join(capture, 'lists'), 'List@y.z\n')
  const input = 'To: a@x.y, list@y.z\nCc: b@x.y\n\n'
  t.match(await inject({ cwd: capture, env: { QMAILMFTFILE: 'lists' }, input }), { exit: 0 })
  t.equal(given(), `Mail-Followup-To: b@x.y,\n  a@x.y,\n  list@y.z\n${input}`)
  t.match(await inject({ env: { QMAILMFTFILE: 'lists' }, input }), { exit: 0 }, 'there is no such file in the home')
  t.equal(given(), input)
  const stderr = 'qmail-inject: fatal: unable to read control, named by QMAILMFTFILE: is a directory\n'
  t.match(await inject({ env: { QMAILMFTFILE: 'control' } }), { exit: 111, stderr })
})

t.test('an exit code of queue becomes 100 or 111 and a line', async (t) => {
  const { inject } = scratch(t)
  const refused = 'qmail-inject: fatal: mail server permanently rejected message (#5.3.0)\n'
  t.match(await inject({ env: { QUEUE_EXIT: '31' } }), { exit: 100, stderr: refused })
  t.match(await inject({ env: { QUEUE_EXIT: '53' } }), { exit: 111, stderr: 'qmail-inject: fatal: qq write error or disk full (#4.3.0)\n' })
})

t.test('what cannot be understood is one complaint and exit code 100', async (t) => {
  const { inject } = scratch(t)
  const fatal = (text: string) => ({ exit: 100, stderr: `qmail-inject: fatal: ${text}` })
  t.match(await inject({ args: ['-x'] }), { exit: 100, stderr: 'qmail-inject: illegal option -- x\n' })
  t.match(await inject({ args: ['-f'] }), { exit: 100, stderr: 'qmail-inject: option requires an argument -- f\n' })
  t.match(await inject({ args: ['a@)'] }), fatal('unable to parse address: a@)\n'))
  t.match(await inject({ args: ['-f', 'a@)'] }), fatal('unable to parse this line:\na@)'))
  t.match(await inject({ input: 'From: "a\n\n' }), fatal('unable to parse this line:\nFrom: "a\n'))
  t.match(await inject({ env: { QMAILHOST: 'a>b' } }), fatal('unable to parse this line:\nReturn-Path: "joe"@a>b\n'))
  t.match(await inject({ env: { QMAILDEFAULTHOST: '"' } }), fatal('unable to parse this line:\n@"'))
})

t.test('what may pass is one complaint and exit code 111', async (t) => {
  const { inject, home } = scratch(t)
  const missing = join(home, 'missing')
  t.match(await inject({ env: { YABUMI_HOME: missing } }), {
    exit: 111,
    stderr: new RegExp(`unable to switch to home directory ${missing}; `),
  })
  t.match(await inject({ stdin: openSync(home, 'r') as 0 }), { exit: 111, stderr: 'qmail-inject: fatal: read error\n' })
  t.match(await inject({ env: { QMAILQUEUE: missing } }), { exit: 111, stderr: 'qmail-inject: fatal: unable to exec qq (#4.3.0)\n' })
})

t.test('-n prints the message, its sender first, and needs no queue', async (t) => {
  const { inject } = scratch(t)
  const { exit, stdout } = await inject({
    args: ['-n', '-f', 'a b@c.d'],
    env: { QMAILQUEUE: '/missing' },
    input: 'To: x@y.z\nDate: d\nMessage-ID: i\nFrom: f@g.h\n\nb',
  })
  t.equal(exit, 0)
  t.equal(stdout, 'Return-Path: <"a b"@c.d>\nTo: x@y.z\nDate: d\nMessage-ID: i\nFrom: f@g.h\n\nb\n')
})

t.test('bytes of no character set go through names, addresses and bodies', async (t) => {
  const { inject, message } = scratch(t)
  const input = Readable.from([Buffer.from('To: J\xf6 <x@y.z>\nSubject: \xff\n\n\xe9\xff\n', 'latin1')])
  t.match(await inject({ input, env: { QMAILNAME: 'M\u00fcller' } }), { exit: 0 })
  t.match(message(), 'From: "M\xc3\xbcller" <joe@test.example>\nTo: "J\xf6" <x@y.z>\nSubject: \xff\n\n\xe9\xff\n')
})

t.test('a body of 60 million bytes passes in pieces', async (t) => {
  const { inject, capture } = scratch(t)
  const line = Buffer.from(`${'0123456789abcde'.repeat(4)}\n`.repeat(1_000))
  const lines = function* () {
    yield Buffer.from('To: x@y.z\n\n')
    for (let i = 0; i < 1_000; i += 1) yield line
  }
  t.match(await inject({ input: Readable.from(lines()) }), { exit: 0 })
  const hash = createHash('sha256')
  for await (const bytes of createReadStream(join(capture, 'mess'))) hash.update(bytes)
  const expected = createHash('sha256').update(readFileSync(join(capture, 'mess')).subarray(0, -61_000_000))
  for (let i = 0; i < 1_000; i += 1) expected.update(line)
  t.equal(hash.digest('hex'), expected.digest('hex'))
  const peakKilobytes = Number(/(\d+) kB/.exec(readFileSync(join(capture, 'peak'), 'latin1'))?.[1])
  t.ok(peakKilobytes < 160_000, `at most ${peakKilobytes} kB`)
})

t.test('a header is taken up to its limit and not beyond', async (t) => {
  const { inject, given } = scratch(t)
  const field = (length: number) => `X: ${'y'.repeat(length - 4)}\n`
  t.match(await inject({ input: `${field(headerBytes - 1)}\n`, args: ['x@y.z'] }), { exit: 0 })
  t.equal(given().length, 'Cc: recipient list not shown: ;\n'.length + headerBytes)
  const refused = `qmail-inject: fatal: header is longer than ${headerBytes} bytes (#5.3.4)\n`
  t.same(await inject({ input: `${field(headerBytes)}\n`, args: ['x@y.z'] }), { exit: 100, stderr: refused, stdout: '' })
})

t.test('a message whose recipients cannot be read is refused, and the field named: nobody of them is lost', async (t) => {
  const { inject } = scratch(t)
  const fields = [
    'To: a@x, "unclosed',
    'Cc: (open <a@x>',
    'To: <>',
    'Bcc: @x',
    'To: =?UTF-8?B?YUB4?=',
    'Apparently-To: <@host>',
    'To: Smith, John <j@x>',
  ]
  for (const field of fields) {
    for (const args of [[], ['-h'], ['-H', 'b@y']]) {
      const { exit, stderr } = await inject({ args, input: `Cc: good@x\n${field}\nSubject: s\n\nbody\n` })
      t.equal(exit, 100, `${field} ${args}`)
      t.ok(stderr.endsWith(`:\n${field}\n`), stderr)
    }
    t.equal(
      (await inject({ args: ['b@y'], input: `${field}\n\nbody\n` })).exit,
      0,
      'where the header names nobody for us it may hold anything',
    )
  }
  t.match(await inject({ input: ' To: a@x\n\nbody\n' }), { exit: 100, stderr: /this line:\n To: a@x\n$/ })
  t.match(await inject({ args: ['-H'], input: 'Subject: s\n\nbody\n' }), { exit: 100, stderr: /fatal: no recipients/ })
  t.match(await inject({ args: ['-a', ''] }), { exit: 100, stderr: /no address: / })
})

t.test('D10: a bare name of a mailbox is a recipient, also in front of a name with an address', async (t) => {
  const { inject, envelope } = scratch(t)
  t.same(await inject({ input: 'To: joe, bob, Ann Lee <a@x.y>\nCc: "Smith, John" <j@x.y>\n\nbody\n' }), { exit: 0, stderr: '', stdout: '' })
  t.same(envelope().sort(), ['', '', 'Fjoe@test.example', 'Ta@x.y', 'Tbob@test.example', 'Tj@x.y', 'Tjoe@test.example'])
})

t.test('a byte order mark and a >From line in front are none of the message', async (t) => {
  const { inject, capture, message } = scratch(t)
  for (const front of ['\u00ef\u00bb\u00bf', '>From joe Mon Jan 1 12:00:00 2026\n']) {
    const input = Buffer.from(`${front}To: a@x.example\nSubject: s\n\nbody\n`, 'latin1')
    t.equal((await inject({ input: Readable.from([input.subarray(0, 2), input.subarray(2)]) })).exit, 0)
    t.match(readFileSync(join(capture, 'env'), 'latin1'), 'Ta@x.example\0')
    t.ok(message().endsWith('\nTo: a@x.example\nSubject: s\n\nbody\n'))
  }
})

t.test('the CR of line ends is dropped as long as every line has one, wherever the input is cut', async (t) => {
  const { inject, message } = scratch(t)
  const input = 'To: a@x.example\r\nSubject: a\rb\r\n\r\nbody\r\n\r\rlast\r\n'
  for (const cut of [1, 16, 17, 30, 40]) {
    await inject({ input: Readable.from([input.slice(0, cut), input.slice(cut)].map((piece) => Buffer.from(piece))) })
    t.ok(message().endsWith('\nTo: a@x.example\nSubject: a\rb\n\nbody\n\r\rlast\n'), `cut at ${cut}`)
  }
  await inject({ input: 'To: a@x.example\n\nbody\r\nlast\r\n' })
  t.ok(message().endsWith('\n\nbody\r\nlast\r\n'))
})

t.test('a line end in a name is a blank: it begins no field', async (t) => {
  const { inject, message } = scratch(t)
  await inject({ input: 'To: "Joe\n  Smith" <a@x.example>\nFrom: "A\r\n\tB" <b@x.example>\n\n' })
  t.match(message(), 'To: "Joe Smith" <a@x.example>\n')
  t.match(message(), 'From: "A B" <b@x.example>\n')
  await inject({ args: ['a@x.example'], env: { NAME: 'Joe\nBcc: evil@x.example' }, input: '\n' })
  t.match(message(), 'From: "Joe Bcc: evil@x.example" <joe@test.example>\n')
})

t.test('who stands in To and in Bcc gets the message once', async (t) => {
  const { inject, capture } = scratch(t)
  await inject({ input: 'Bcc: a@x.example, b@x.example\nTo: a@x.example\n\n' })
  t.match(readFileSync(join(capture, 'env'), 'latin1'), /\0Tb@x\.example\0Ta@x\.example\0\0$/)
})
