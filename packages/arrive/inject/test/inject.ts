import { createHash } from 'node:crypto'
import { createReadStream, openSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import t from 'tap'
import { headerBytes } from '../../../formats/limits/src/index.ts'
import { scratch } from './support/scratch.ts'

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
  t.match(await inject({ args: ['x@y.z'], env: { QUEUE_EXIT: '31' } }), { exit: 100, stderr: refused })
  t.match(await inject({ args: ['x@y.z'], env: { QUEUE_EXIT: '53' } }), {
    exit: 111,
    stderr: 'qmail-inject: fatal: qq write error or disk full (#4.3.0)\n',
  })
})

t.test('what cannot be understood is one complaint and exit code 100', async (t) => {
  const { inject } = scratch(t)
  const fatal = (text: string) => ({ exit: 100, stderr: `qmail-inject: fatal: ${text}` })
  t.match(await inject({ args: ['-x'] }), { exit: 100, stderr: 'qmail-inject: illegal option -- x\n' })
  t.match(await inject({ args: ['-f'] }), { exit: 100, stderr: 'qmail-inject: option requires an argument -- f\n' })
  t.match(await inject({ args: ['a@)'] }), fatal('unable to parse address: a@)\n'))
  t.match(await inject({ args: ['-f', 'a@)'] }), fatal('unable to parse this line:\na@)'))
  t.match(await inject({ input: 'From: "a\n\n' }), fatal('unable to parse this line:\nFrom: "a\n'))
  t.match(await inject({ args: ['x@y.z'], env: { QMAILHOST: 'a>b' } }), fatal('unable to parse this line:\nReturn-Path: "joe"@a>b\n'))
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
  t.match(await inject({ args: ['x@y.z'], env: { QMAILQUEUE: missing } }), {
    exit: 111,
    stderr: 'qmail-inject: fatal: unable to exec qq (#4.3.0)\n',
  })
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
