import { chownSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { parseForwardFile } from '@yabumi/dotfile'
import { makeFifo } from '@yabumi/posix'
import fc from 'fast-check'
import t from 'tap'
import { maildirFiles, TestUser } from './support/user.ts'

const message = 'From: s@x.example\n\nhello\n'

/** What -n says that would be done. */
function plan(user: TestUser, address: Parameters<TestUser['deliver']>[1] = {}): string {
  const { stdout, stderr } = user.deliver(message, { ...address, options: ['-n'] })
  return stdout + stderr
}

t.test('.qmail and .forward: .forward counts where there is no .qmail, for plain mail only', (t) => {
  const user = new TestUser({ '.forward': 'next@y.example\n' })
  t.equal(plan(user), 'forward next@y.example\ndid 0+1+0\n')
  t.equal(plan(user, { dash: '-', extension: 'list' }), 'Sorry, no mailbox here by that name. (#5.1.1)\n')
  t.equal(plan(user, { extension: 'x' }), 'mbox ./Mailbox\ndid 1+0+0\n')
  user.write('.qmail', '')
  t.equal(plan(user), 'mbox ./Mailbox\ndid 1+0+0\n', 'an empty .qmail is one')
  user.write('.qmail', './own\n')
  t.equal(plan(user), 'mbox ./own\ndid 1+0+0\n')
  t.end()
})

t.test('.qmail and .forward: a .forward with nothing in it, or that is no file, is none', (t) => {
  const user = new TestUser({ '.forward': '# away\n\n ,\n' })
  t.equal(plan(user), 'mbox ./Mailbox\ndid 1+0+0\n')
  const other = new TestUser()
  makeFifo(join(other.home, '.forward'), 0o600)
  t.equal(plan(other), 'mbox ./Mailbox\ndid 1+0+0\n')
  t.end()
})

t.test('.forward: every form of entry', (t) => {
  const user = new TestUser({
    '.forward': [
      '# a comment, with a comma',
      'one@y.example, two@y.example,',
      'Three Person <three@y.example> (private), "Doe, Joe" <four@y.example>',
      '"quoted local"@y.example, (who?) five @ y.example, <@relay:six@y.example>',
      '|/usr/bin/prog -a (b); x',
      '"|prog \\"arg, one\\" two"',
      '|"prog three"',
      '/var/mail/joe, "/with space/box", /home/joe/Maildir/, /dev/null',
      '\\ann, \\joe',
      ':include: ./more',
    ].join('\n'),
    more: 'seven@y.example\n',
  })
  t.equal(
    plan(user),
    [
      'program /usr/bin/prog -a (b); x',
      'program prog "arg, one" two',
      'program prog three',
      'forward one@y.example',
      'forward two@y.example',
      'forward three@y.example',
      'forward four@y.example',
      'forward quoted local@y.example',
      'forward five@y.example',
      'forward six@y.example',
      'mbox /var/mail/joe',
      'mbox /with space/box',
      'maildir /home/joe/Maildir/',
      'discard /dev/null',
      'forward ann',
      'mbox ./Mailbox',
      'forward seven@y.example',
      'did 5+9+3',
      '',
    ].join('\n'),
  )
  t.end()
})

t.test('.forward: one’s own name is the default delivery and no loop, and repetitions count once', (t) => {
  const user = new TestUser({ '.forward': '\\joe, joe, Joe@H.example, next@y.example\nnext@y.example\n', ...maildirFiles('M') })
  t.match(user.deliver(message, { defaultDelivery: './M/' }), { status: 0, stdout: /^did 1\+1\+0\nqp/ })
  t.equal(user.inMaildir('M').length, 1)
  t.equal(user.queued?.envelope, 'Fs@x.example\0Tnext@y.example\0\0')
  t.end()
})

t.test('.forward: files get what those of a .qmail get, and programs get the mbox lines in front of it (F2)', (t) => {
  const user = new TestUser()
  user.write('.forward', `"|cat >out; echo $SENDER >who", ${user.home}/box, /dev/null\n`)
  t.match(user.deliver(message), { status: 0, stdout: 'did 2+0+1\n' })
  const lines = /^From s@x\.example .*\nReturn-Path: <s@x\.example>\nDelivered-To: joe@h\.example\nFrom: s@x\.example\n\nhello\n/
  t.match(user.read('out'), lines)
  t.ok(user.read('out')?.endsWith(`\n${message}`))
  t.equal(user.read('who'), 's@x.example\n')
  t.match(user.read('box'), lines)
  t.end()
})

t.test('F2: programs of a .forward run before mailboxes, so that a retry repeats nothing', (t) => {
  const user = new TestUser({ '.forward': '\\joe, "|exit 1"\n' })
  for (const _ of [1, 2]) t.equal(user.deliver(message).status, 111)
  t.equal(user.read('Mailbox'), undefined)
  user.write('.forward', '\\joe, "|grep -q ^From"\n')
  t.match(user.deliver(message), { status: 0, stdout: 'did 1+0+1\n' })
  t.ok(user.read('Mailbox')?.endsWith(`\n${message}\n`))
  t.end()
})

t.test('F2: a program of a .forward may leave unread what it likes, and a long message is fed whole', (t) => {
  const long = `Subject: long\n\n${'to the end of a line\n'.repeat(100_000)}`
  const user = new TestUser({ '.forward': '"|head -c 1 >one", "|cat >all", |true\n' })
  t.match(user.deliver(long), { status: 0, stdout: 'did 0+0+3\n' })
  t.equal(user.read('one'), 'F')
  t.ok(user.read('all')?.endsWith(`\nDelivered-To: joe@h.example\n${long}`))
  t.end()
})

t.test('F14: ./NAME, ~/NAME and $HOME/NAME are files in the home, and Maildirs with a slash', (t) => {
  const user = new TestUser({ '.forward': './Maildir/, ~/Maildir/, "~/with space/", $HOME/box, ./box2, .dot@y.example, ~joe@y.example\n' })
  t.equal(
    plan(user),
    'maildir ./Maildir/\nmaildir ./with space/\nmbox ./box\nmbox ./box2\nforward .dot@y.example\nforward ~joe@y.example\ndid 4+2+0\n',
  )
  const one = new TestUser({ '.forward': '~/Maildir/\n', ...maildirFiles('Maildir') })
  t.match(one.deliver(message), { status: 0, stdout: 'did 1+0+0\n' })
  t.equal(one.inMaildir('Maildir').length, 1)
  t.end()
})

t.test('D8: an entry of a .forward that is no address is deferred and named, and never another one', (t) => {
  for (const entry of [
    ...['a@y b@y', 'a b@y', 'a@y;b@y', 'joe@', '@y', '<>', 'a@@y', 'a@y>', "'a@y'", 'a@y # Joe', 'mailto:a@y', 'error:nouser'],
    ...['Maildir/', '~', '~ann', '$HOME', '.', "'|prog'", 'Smith', '&a@y', '"|prog'],
  ]) {
    const user = new TestUser({ '.forward': `\\joe, ${entry}${entry === 'Smith' ? ', Joe <a@y>' : ''}\n` })
    t.match(user.deliver(message), {
      status: 111,
      stderr: /^Uh-oh: \.forward is malformed: (no address: .*|a quoted string is not closed)\. \(#4\.2\.1\)\n$/,
    })
    t.equal(user.read('Mailbox'), undefined, entry)
  }
  const user = new TestUser({ '.forward': '\xef\xbb\xbfa@y\r\n"Smith, Joe" <b@y>, ann, Bob <c@y>\r\n' })
  t.equal(plan(user), 'forward a@y\nforward b@y\nforward ann\nforward c@y\ndid 0+4+0\n')
  t.end()
})

t.test('.forward: private and safe-mode checks', (t) => {
  const user = new TestUser()
  user.write('.forward', 'next@y.example\n', 0o646)
  t.match(user.deliver(message), { status: 111, stderr: 'Uh-oh: .forward file is writable. (#4.7.0)\n' })
  user.write('.forward', 'next@y.example, |prog\n', 0o744)
  t.match(user.deliver(message), { status: 111, stderr: 'Uh-oh: .forward has prog delivery but has x bit set. (#4.7.0)\n' })
  user.write('.forward', '/box\n', 0o744)
  t.match(user.deliver(message), { status: 111, stderr: 'Uh-oh: .forward has file delivery but has x bit set. (#4.7.0)\n' })
  user.write('.forward', 'next@y.example, joe\n', 0o744)
  t.equal(user.deliver(message).status, 0, 'forwards and the own mailbox are allowed')
  t.end()
})

t.test('.forward: one of another account is not used', { skip: process.getuid?.() !== 0 && 'needs root' }, (t) => {
  const user = new TestUser({ '.forward': 'next@y.example\n' })
  chownSync(join(user.home, '.forward'), 65534, 65534)
  t.match(user.deliver(message), { status: 111, stderr: 'Uh-oh: .forward file belongs to another account. (#4.7.0)\n' })
  const includes = new TestUser({ '.forward': ':include:./.more\n', '.more': '|prog\n' })
  chownSync(join(includes.home, '.more'), 65534, 65534)
  t.match(includes.deliver(message), { status: 111, stderr: 'Uh-oh: .forward has prog delivery but has x bit set. (#4.7.0)\n' })
  includes.write('.more', 'next@y.example\n')
  chownSync(join(includes.home, '.more'), 65534, 65534)
  t.equal(includes.deliver(message).status, 0, 'it may forward')
  t.end()
})

t.test('.forward: includes are checked like the file itself, and end', (t) => {
  const user = new TestUser({ '.forward': ':include:./a\n', a: ':include:./b\n', b: ':include:./a\n' })
  t.match(user.deliver(message), { status: 111, stderr: 'Uh-oh: .forward includes files too deep. (#4.2.1)\n' })
  user.write('b', 'next@y.example\n', 0o666)
  t.match(user.deliver(message), { status: 111, stderr: 'Uh-oh: ./b file is writable. (#4.7.0)\n' })
  user.write('a', ':include:"./c"\n')
  t.match(user.deliver(message), { status: 111, stderr: 'Unable to open ./c: file does not exist. (#4.3.0)\n' })
  user.write('a', ':include:./b, next@y.example\n')
  user.write('b', '# nobody\n')
  t.equal(user.deliver(message).status, 0)
  t.end()
})

t.test('.forward: what cannot be understood is deferred, not guessed', (t) => {
  for (const [text, problem] of [
    ['"|prog', 'a quoted string is not closed'],
    ['a@b (c', 'a comment is not closed'],
    ['x <a@b', 'an angle bracket is not closed'],
  ]) {
    const user = new TestUser({ '.forward': `${text}\n` })
    t.match(user.deliver(message), { status: 111, stderr: `Uh-oh: .forward is malformed: ${problem}. (#4.2.1)\n` })
  }
  t.end()
})

t.test('.forward: a link is followed as for .qmail', (t) => {
  const user = new TestUser({ elsewhere: 'next@y.example\n' })
  symlinkSync('elsewhere', join(user.home, '.forward'))
  t.equal(plan(user), 'forward next@y.example\ndid 0+1+0\n')
  t.end()
})

t.test('.forward: any text is parsed or refused, and no longer ones take more than their length', (t) => {
  const words = fc.constantFrom('"', '(', ')', '<', '>', ',', '\\', '|', '/', ' ', '\n', '#', 'a@b', ':include:', '\xe9', ';')
  fc.assert(
    fc.property(fc.array(words, { maxLength: 60 }), (parts) => {
      try {
        return parseForwardFile(parts.join('')).every((entry) => entry.text !== '')
      } catch (error) {
        return error instanceof Error && /not closed|^no address: /.test(error.message)
      }
    }),
    { numRuns: 5000, seed: 8 },
  )
  t.equal(parseForwardFile('a@b,'.repeat(100_000)).length, 100_000)
  t.throws(() => parseForwardFile('('.repeat(1_000_000)))
  t.equal(parseForwardFile(`${'('.repeat(500_000)}${')'.repeat(500_000)}a@b`)[0]?.text, 'a@b')
  t.end()
})
