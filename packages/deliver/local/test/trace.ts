import { Failure } from '@yabumi/dotfile'
import fc from 'fast-check'
import t from 'tap'
import { earlierDeliveries } from '../src/loop.ts'
import { deliveredTo, mboxSeparator, returnPath } from '../src/trace.ts'
import { maildirFiles, TestUser } from './support/user.ts'

const message = 'From: s@x.example\nSubject: s\n\nhello\n'

t.test('Return-Path, Delivered-To: a Maildir delivery has both on top, and the message as it came', (t) => {
  const user = new TestUser(maildirFiles('Maildir'))
  const outcome = user.deliver(message, { defaultDelivery: './Maildir/' })
  t.match(outcome, { status: 0, stdout: 'did 1+0+0\n', stderr: '' })
  t.same(user.inMaildir('Maildir'), [`Return-Path: <s@x.example>\nDelivered-To: joe@h.example\n${message}`])
  t.end()
})

t.test('Return-Path, Delivered-To: an mbox delivery has both behind its From line', (t) => {
  const user = new TestUser()
  t.equal(user.deliver(message, { sender: '' }).status, 0)
  t.match(
    user.read('Mailbox'),
    /^From MAILER-DAEMON \w{3} \w{3} \d\d [\d:]{8} \d{4}\nReturn-Path: <>\nDelivered-To: joe@h\.example\nFrom: s@x/,
  )
  t.end()
})

t.test('Return-Path, Delivered-To: a forward has Delivered-To alone, a program gets both in its environment', (t) => {
  const user = new TestUser({ '.qmail': '|printf "%s" "$RPLINE$DTLINE$UFLINE" >lines; cat >message\n&next@y.example\n' })
  t.match(user.deliver(message), { status: 0, stdout: /^did 0\+1\+1\nqp \d+\n$/ })
  t.match(user.read('lines'), /^Return-Path: <s@x\.example>\nDelivered-To: joe@h\.example\nFrom s@x\.example .*\n$/)
  t.equal(user.read('message'), message)
  t.same(user.queued, { message: `Delivered-To: joe@h.example\n${message}`, envelope: 'Fs@x.example\0Tnext@y.example\0\0' })
  t.end()
})

t.test('loop detection by Delivered-To: my own line in the header ends the delivery for good', (t) => {
  const user = new TestUser()
  t.match(user.deliver(`Received: by h\nDelivered-To: joe@h.example\n${message}`), {
    status: 100,
    stderr: 'This message is looping: it already has my Delivered-To line. (#5.4.6)\n',
  })
  t.equal(user.read('Mailbox'), undefined)
  t.end()
})

t.test('loop detection by Delivered-To: another address, another case, a body are no loop', (t) => {
  for (const harmless of ['Delivered-To: ann@h.example\n\n', 'delivered-to: joe@h.example\n\n', '\nDelivered-To: joe@h.example\n']) {
    t.equal(new TestUser().deliver(harmless).status, 0, harmless)
  }
  t.end()
})

t.test('C5: Delivered-To is compared without case in the domain', (t) => {
  t.match(new TestUser().deliver('Delivered-To: joe@H.Example\n\n'), { status: 100, stderr: /^This message is looping: / })
  t.equal(new TestUser().deliver('Delivered-To: Joe@h.example\n\n').status, 0, 'and with case in the local part')
  t.end()
})

t.test('loop detection by Delivered-To: a message ends that one user has had under ten addresses', (t) => {
  const lines = (count: number, domain = 'h.example'): string =>
    Array.from({ length: count }, (_, n) => `Delivered-To: ${n % 2 === 0 ? 'joe' : 'JOE'}-${n}@${domain}\n`).join('')
  const list = { local: 'joe-x', dash: '-', extension: 'x' }
  for (const address of [{}, list]) {
    const user = new TestUser({ '.qmail-default': './Mailbox\n' })
    const others = `Delivered-To: joey-1@h.example\n${lines(10, 'other.example')}`
    t.equal(user.deliver(`${others}${lines(9)}\n`, address).status, 0)
    t.match(user.deliver(`${lines(10)}\n`, address), {
      status: 100,
      stderr: 'This message is looping: it has had 10 addresses of this user. (#5.4.6)\n',
    })
  }
  t.end()
})

t.test('loop detection by Delivered-To: a default file forwards a message once', (t) => {
  const list = { local: 'joe-x', dash: '-', extension: 'x' }
  const user = new TestUser({ '.qmail-default': './Mailbox\n&joe-a\n&joe-b\n', '.qmail-own': '&joe-y\n' })
  t.match(user.deliver('Delivered-To: joe-z@h.example\n\n', list), {
    status: 100,
    stderr: 'This message is looping: .qmail-default has forwarded it before. (#5.4.6)\n',
  })
  t.equal(user.queued, undefined)
  for (const other of ['joe-own@h.example', 'joe@h.example', 'joe-z@other.example']) {
    t.equal(user.deliver(`Delivered-To: ${other}\n\n`, list).status, 0, `${other} had another file`)
  }
  user.write('.qmail-default', './Mailbox\n|true\n')
  t.equal(user.deliver('Delivered-To: joe-z@h.example\n\n', list).status, 0, 'what it does not forward itself is none of this')
  t.end()
})

/** The rule: the lines up to the first empty one, each with its line end. */
function hasLine(line: string, text: string): boolean {
  const lines = text.split(/(?<=\n)/)
  const end = lines.indexOf('\n')
  return (end < 0 ? lines : lines.slice(0, end)).includes(line)
}

async function isLooping(text: Buffer | AsyncIterable<Buffer>): Promise<boolean> {
  const request = { user: 'u', home: '/h', local: 'joe', dash: '', extension: '', domain: 'h', sender: '', defaultDelivery: '' }
  return earlierDeliveries(request, text).then(
    () => false,
    (error) => error instanceof Failure,
  )
}

t.test('loop detection by Delivered-To: the line is found wherever a long header is cut', async (t) => {
  const line = 'Delivered-To: joe@h\n'
  const words = fc.constantFrom(line, 'Delivered-To: ', 'joe@h\n', '\n', 'X: y\n', 'D', 'joe@h')
  await fc.assert(
    fc.asyncProperty(fc.array(words, { maxLength: 12 }), fc.integer({ min: 1, max: 30 }), async (parts, size) => {
      const text = parts.join('')
      async function* pieces(): AsyncGenerator<Buffer> {
        for (let start = 0; start < text.length; start += size) yield Buffer.from(text.slice(start, start + size))
      }
      t.equal(await isLooping(Buffer.from(text)), hasLine(line, text), JSON.stringify(text))
      t.equal(await isLooping(pieces()), hasLine(line, text), JSON.stringify(text))
    }),
    { numRuns: 500, seed: 5 },
  )
})

t.test('no address makes more than one line of a trace line', (t) => {
  const request = { user: 'u', home: '/h', local: 'a\nb', dash: '', extension: '', domain: 'h\n', sender: 'x\ny@z', defaultDelivery: '' }
  t.equal(deliveredTo(request), 'Delivered-To: a_b@h_\n')
  t.equal(returnPath('x\ny@z'), 'Return-Path: <"x\\_y"@z>\n')
  t.equal(mboxSeparator('a b\tc\nd', 0), 'From a-b-c-d Thu Jan 01 00:00:00 1970\n')
  t.end()
})
