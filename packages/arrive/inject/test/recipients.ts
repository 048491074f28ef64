/** Everybody whom a message names gets it once, or whoever sends it hears that they do not. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import t from 'tap'
import { scratch } from './support/scratch.ts'

t.test('D1: a message whose recipients cannot be read is refused, and the field named: nobody of them is lost', async (t) => {
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
  t.match(await inject({ args: ['-a', ''] }), { exit: 100, stderr: /no address: / })
})

t.test('D10: a bare name of a mailbox is a recipient, also in front of a name with an address', async (t) => {
  const { inject, envelope } = scratch(t)
  t.same(await inject({ input: 'To: joe, bob, Ann Lee <a@x.y>\nCc: "Smith, John" <j@x.y>\n\nbody\n' }), { exit: 0, stderr: '', stdout: '' })
  t.same(envelope().sort(), ['', '', 'Fjoe@test.example', 'Ta@x.y', 'Tbob@test.example', 'Tj@x.y', 'Tjoe@test.example'])
})

t.test('D1: a byte order mark and a >From line in front are none of the message', async (t) => {
  const { inject, capture, message } = scratch(t)
  for (const front of ['\u00ef\u00bb\u00bf', '>From joe Mon Jan 1 12:00:00 2026\n']) {
    const input = Buffer.from(`${front}To: a@x.example\nSubject: s\n\nbody\n`, 'latin1')
    t.equal((await inject({ input: Readable.from([input.subarray(0, 2), input.subarray(2)]) })).exit, 0)
    t.match(readFileSync(join(capture, 'env'), 'latin1'), 'Ta@x.example\0')
    t.ok(message().endsWith('\nTo: a@x.example\nSubject: s\n\nbody\n'))
  }
})

t.test('D6: the CR of line ends is dropped as long as every line has one, wherever the input is cut', async (t) => {
  const { inject, message } = scratch(t)
  const input = 'To: a@x.example\r\nSubject: a\rb\r\n\r\nbody\r\n\r\rlast\r\n'
  for (const cut of [1, 16, 17, 30, 40]) {
    await inject({ input: Readable.from([input.slice(0, cut), input.slice(cut)].map((piece) => Buffer.from(piece))) })
    t.ok(message().endsWith('\nTo: a@x.example\nSubject: a\rb\n\nbody\n\r\rlast\n'), `cut at ${cut}`)
  }
  await inject({ input: 'To: a@x.example\n\nbody\r\nlast\r\n' })
  t.ok(message().endsWith('\n\nbody\r\nlast\r\n'))
})

t.test('D5: a line end in a name is a blank: it begins no field', async (t) => {
  const { inject, message } = scratch(t)
  await inject({ input: 'To: "Joe\n  Smith" <a@x.example>\nFrom: "A\r\n\tB" <b@x.example>\n\n' })
  t.match(message(), 'To: "Joe Smith" <a@x.example>\n')
  t.match(message(), 'From: "A B" <b@x.example>\n')
  await inject({ args: ['a@x.example'], env: { NAME: 'Joe\nBcc: evil@x.example' }, input: '\n' })
  t.match(message(), 'From: "Joe Bcc: evil@x.example" <joe@test.example>\n')
})

t.test(
  'D1: what is left of an address that was not closed, or holds what none can hold, is nobody, whichever field it stands in',
  async (t) => {
    const { inject } = scratch(t)
    const lists = [
      '<a@x.example',
      '"J" <a@x.example',
      '<<a@x.example>>',
      '<a@x.example, b@x.example>',
      '<mailto:a@x.example>',
      'a@x.example]',
      "'a@x.example'",
      'a@@x.example',
      'a@x.example@y.example',
      'a@x.example\0, b@x.example',
      'a@x.example\\',
      '\\',
    ]
    for (const list of lists) {
      for (const name of ['To', 'Bcc', 'Apparently-To', 'Resent-Cc']) {
        const { exit, stderr } = await inject({ input: `${name}: good@x.example, ${list}\nSubject: s\n\nbody\n` })
        t.equal(exit, 100, `${name}: ${list}`)
        t.ok(stderr.endsWith(`no address where one should be in this line:\n${name}: good@x.example, ${list}\n`), stderr)
      }
    }
    t.match(await inject({ input: 'Return-Path: <joe\nTo: a@x.example\n\n' }), { exit: 100, stderr: /this line:\nReturn-Path: <joe\n$/ })
  },
)

t.test('D3: the senders that send makes out for each recipient, and of bounces, are senders', async (t) => {
  const { inject, envelope } = scratch(t)
  for (const sender of ['list-@host.example-@[]', '#@[]', '']) {
    t.match(await inject({ input: `Return-Path: <${sender}>\nTo: a@x.example\n\n` }), { exit: 0 }, sender)
    t.equal(envelope()[0], `F${sender}`)
  }
})

t.test('D1: a list that goes on in a line without a blank in front loses nobody', async (t) => {
  const { inject, envelope } = scratch(t)
  for (const field of ['To: a@x.example,', 'Subject: s\nBcc: a@x.example,\n b@x.example, '])
    t.match(await inject({ input: `${field}\nc@x.example\n\nbody\n` }), {
      exit: 100,
      stderr: /a comma, and no blank in front of the line behind/,
    })
  t.match(await inject({ input: 'To: a@x.example,\n\nc@x.example\n' }), { exit: 0 }, 'behind an empty line it is text')
  t.same(envelope().slice(1), ['Ta@x.example', '', ''])
})

t.test('D1: a message to nobody is refused, whatever hides the header', async (t) => {
  const { inject } = scratch(t)
  const none = { exit: 100, stderr: /fatal: no recipients: / }
  const mark = '\u00ef\u00bb\u00bf'
  const headers = [
    '',
    'Subject: s',
    'To:',
    'To: undisclosed-recipients:;',
    'To: , ,',
    '\nTo: a@x',
    'hello\nTo: a@x',
    `${mark}${mark}To: a@x`,
    '\0To: a@x',
    '>From x\n>From y\nTo: a@x',
    '"To: a@x"',
    'Resent-Date: now\nTo: a@x',
  ]
  for (const header of headers)
    for (const args of [[], ['-h'], ['-H']]) t.match(await inject({ args, input: `${header}\n\nbody\n` }), none, `${args}: ${header}`)
  t.match(await inject({ args: ['-a'], input: 'To: a@x\n\n' }), none, 'as sendmail without -t and without arguments')
  t.match(await inject({ args: ['-n'], input: 'Subject: s\n\n' }), { exit: 0 }, 'to be printed it needs nobody')
})

t.test('D7: who is an argument and stands in the header gets the message once', async (t) => {
  const { inject, envelope } = scratch(t)
  await inject({ args: ['-H', 'a@x.example', 'c@x.example'], input: 'To: b@x.example, A@x.example, a@X.EXAMPLE\n\n' })
  t.same(envelope().slice(1), ['Ta@x.example', 'Tc@x.example', 'TA@x.example', 'Tb@x.example', '', ''])
})

t.test('D7: who stands in To or Cc and in Bcc gets the message once, whatever case the domain has', async (t) => {
  const { inject, envelope } = scratch(t)
  for (const resent of ['', 'Resent-']) {
    await inject({ input: `${resent}Bcc: a@X.example, b@x.example, A@x.example\n${resent}Cc: a@x.example\n\n` })
    t.same(envelope().slice(1), ['TA@x.example', 'Tb@x.example', 'Ta@x.example', '', ''])
  }
})
