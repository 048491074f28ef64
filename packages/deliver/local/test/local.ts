import { spawnSync } from 'node:child_process'
import { chownSync, existsSync, mkdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseDotQmail } from '@yabumi/dotfile'
import { makeFifo } from '@yabumi/posix'
import fc from 'fast-check'
import t from 'tap'
import { maildirFiles, TestUser } from './support/user.ts'

const message = 'From: s@x.example\n\nhello\n'
const local = join(import.meta.dirname, '../../../../bin/local')

t.test('a .qmail that is no regular file is not there, and does not hold anything up', (t) => {
  const user = new TestUser()
  makeFifo(join(user.home, '.qmail'), 0o600)
  t.match(user.deliver(message), { status: 0, stdout: 'did 1+0+0\n' })
  const other = new TestUser({ '.qmail/': '' })
  t.match(other.deliver(message), { status: 0, stdout: 'did 1+0+0\n' })
  const linked = new TestUser({ real: './box\n' })
  symlinkSync('real', join(linked.home, '.qmail'))
  t.match(linked.deliver(message), { status: 0 })
  t.type(linked.read('box'), 'string', 'a link is followed')
  t.end()
})

t.test('a .qmail of more than a megabyte is deferred', (t) => {
  const user = new TestUser({ '.qmail': '#'.repeat(1_048_577) })
  t.match(user.deliver(message), { status: 111, stderr: 'Uh-oh: .qmail file is too long. (#4.2.1)\n' })
  user.write('.qmail', `${'#'.repeat(1_048_569)}\n./box\n`)
  t.equal(user.deliver(message).status, 0)
  t.end()
})

t.test('an extension never leads out of the home', (t) => {
  const user = new TestUser({ '.qmail-::/::/x': './box\n' })
  writeFileSync(join(user.directory, 'x'), './stolen\n')
  t.match(user.deliver(message, { dash: '-', extension: '../../x' }), { status: 0 })
  t.type(user.read('box'), 'string')
  t.end()
})

t.test('the first failure ends the delivery, and nothing is forwarded', (t) => {
  const user = new TestUser({ '.qmail': '&next@y.example\n./box\n./no/box\n./never\n' })
  t.match(user.deliver(message), { status: 111, stdout: '', stderr: 'Unable to open ./no/box: file does not exist. (#4.2.1)\n' })
  t.type(user.read('box'), 'string')
  t.equal(user.read('never'), undefined)
  t.equal(user.queued, undefined)
  t.end()
})

t.test('a mailing list forwards under its owner, with VERP where that is wanted', (t) => {
  const user = new TestUser({ '.qmail-list': '&a@b.example\n', '.qmail-list-owner': '', '.qmail-list-owner-default': '' })
  t.equal(user.deliver(message, { local: 'joe-list', dash: '-', extension: 'list' }).status, 0)
  t.equal(user.queued?.envelope, 'Fjoe-list-owner-@h.example-@[]\0Ta@b.example\0\0')
  t.end()
})

t.test('a long message arrives whole by every way', (t) => {
  const long = `Subject: long\n\n${'From the beginning to the end of a line\n'.repeat(100_000)}no line end`
  const user = new TestUser({ ...maildirFiles('Maildir'), '.qmail': './Maildir/\n./box\n|cat >copy\n&next@y.example\n' })
  t.match(user.deliver(long), { status: 0, stdout: /^did 2\+1\+1\n/ })
  t.ok(user.inMaildir('Maildir')[0] === `Return-Path: <s@x.example>\nDelivered-To: joe@h.example\n${long}`)
  t.ok(user.read('box')?.endsWith(`\n${long.replaceAll('\nFrom ', '\n>From ')}\n\n`))
  t.ok(user.read('copy') === long)
  t.ok(user.queued?.message === `Delivered-To: joe@h.example\n${long}`)
  t.end()
})

t.test('a program that reads nothing of a long message does no harm', (t) => {
  const user = new TestUser({ '.qmail': '|head -c 1 >one\n|true\n|head -c 1 >two\n' })
  t.match(user.deliver('x'.repeat(1_000_000)), { status: 0, stdout: 'did 0+0+3\n' })
  t.same([user.read('one'), user.read('two')], ['x', 'x'])
  t.end()
})

t.test('names are bytes, in the home and in a dotfile', (t) => {
  const user = new TestUser()
  const home = `${user.home}/\xe9\xff`
  mkdirSync(Buffer.from(home, 'latin1'))
  writeFileSync(Buffer.from(`${home}/.qmail`, 'latin1'), Buffer.from('./\xfc\n', 'latin1'))
  const script = `${local} joe "$(printf '${user.home}/\\351\\377')" joe '' '' h s@x ./Mailbox <"$0"; cat "$(printf '${user.home}/\\351\\377/\\374')"`
  writeFileSync(join(user.directory, 'in'), message)
  const { stdout } = spawnSync('sh', ['-c', script, join(user.directory, 'in')], { encoding: 'latin1', env: { PATH: process.env['PATH'] } })
  t.match(stdout, /^did 1\+0\+0\nFrom s@x .*\nReturn-Path: <s@x>\nDelivered-To: joe@h\nFrom: s@x\.example\n\nhello\n\n$/)
  t.end()
})

t.test('a message that is no file is deferred', (t) => {
  const user = new TestUser()
  const args = ['joe', user.home, 'joe', '', '', 'h', 's@x', './Mailbox']
  const outcome = spawnSync(local, args, { input: message, encoding: 'utf8' })
  t.match(outcome, { status: 111, stderr: 'Unable to rewind message. (#4.3.0)\n' })
  t.equal(user.read('Mailbox'), undefined)
  t.end()
})

t.test('local refuses arguments that are no request', (t) => {
  const usage = 'qmail-local: usage: qmail-local [ -nN ] user homedir local dash ext domain sender aliasempty\n'
  for (const args of [[], ['u', 'relative', 'l', '', '', 'h', 's', 'd'], ['u', '/', 'l', '', '', 'h', 's', 'd', 'more']]) {
    t.match(spawnSync(local, args, { encoding: 'utf8' }), { status: 100, stdout: '', stderr: usage })
  }
  t.match(spawnSync(local, ['-x'], { encoding: 'utf8' }), { status: 100, stderr: `qmail-local: illegal option -- x\n${usage}` })
  t.end()
})

t.test('D8: a forward line names addresses as a person means it', (t) => {
  const user = new TestUser()
  for (const [line, addresses] of [
    ['&a@y, b@y', ['a@y', 'b@y']],
    ['a@y,b@y,', ['a@y', 'b@y']],
    ['&<c@y>', ['c@y']],
    ['& d@y', ['d@y']],
    [' d@y', ['d@y']],
    ['&Joe Doe <a@y> (at work)', ['a@y']],
    ['&"Doe, Joe" <a@y>, b@y (Bob)', ['a@y', 'b@y']],
    ['&"joe doe"@y', ['joe doe@y']],
    ["&o'neil+x=y@z", ["o'neil+x=y@z"]],
    ['&joe', ['joe']],
    ['&a@y,&b@y', ['a@y', 'b@y']],
    ['& &a@y', ['a@y']],
    ['&a@y\r', ['a@y']],
    ['\xef\xbb\xbf&a@y', ['a@y']],
    ['&<@relay,@other:a@y>', ['a@y']],
    ['&a @ y.', ['a@y']],
    ['&"a@b"@y', ['a@b@y']],
    ['&joe, Bob <b@y>', ['joe', 'b@y']],
    ['&a@[192.0.2.1]', ['a@[192.0.2.1]']],
    ['&ext-list', ['ext-list']],
  ] as const) {
    user.write('.qmail', `${line}\n`)
    const outcome = user.deliver(message, { options: ['-n'] })
    t.equal(outcome.stdout, `${addresses.map((address) => `forward ${address}\n`).join('')}did 0+${addresses.length}+0\n`, line)
  }
  t.end()
})

t.test('D8, D2: a line that is no address is deferred and named, before anything is done', (t) => {
  const listsAndMistakes = ['&a@y b@y', '&', '& ', '&@y', '&<>', '&,', '&a@y;b@y', '&<a@y', '&<a@y> b@y', 'This forwards mail', '&a@y, @y']
  const otherPlaces = [
    '~/Maildir/',
    '$HOME/Maildir/',
    'Maildir/',
    ' ./Maildir/',
    '& |prog',
    '"|prog"',
    '\\joe',
    ':include:/x',
    "'./Maildir/'",
    '~joe',
  ]
  const nobody = [
    '&joe@',
    '&a@@y',
    '&a@y@z',
    '&mailto:a@y',
    '&a@y]',
    "&'a@y'",
    '&a@y\0, b@y',
    '&g: a@y, b@y;',
    '&Smith, Joe <a@y>',
    '&a@y # Joe',
    '&a@y, |<',
    '&a@"y> z"',
  ]
  for (const line of [...listsAndMistakes, ...otherPlaces, ...nobody]) {
    const user = new TestUser({ '.qmail': `./box\n# comment\n${line}\n` })
    const text = line.trimEnd()
    t.match(user.deliver(message), { status: 111, stderr: `Uh-oh: line 3 of .qmail is no address: ${text}. (#4.2.1)\n` }, line)
    t.equal(user.read('box'), undefined)
    t.equal(user.queued, undefined)
  }
  t.end()
})

t.test('D8: a .qmail that was saved with CR LF or a byte order mark says what it shows', (t) => {
  const user = new TestUser({ ...maildirFiles('Maildir') })
  user.write('.qmail', '\xef\xbb\xbf# mine\r\n./Maildir/ \r\n|cat >copy\r\n\r\n&a@y\r\n')
  t.match(user.deliver(message), { status: 0, stdout: /^did 1\+1\+1\n/ })
  t.equal(user.inMaildir('Maildir').length, 1)
  t.equal(user.read('copy'), message)
  t.match(user.queued?.envelope, 'Ta@y\0')
  user.write('.qmail', '\r\n./Maildir/\r\n')
  t.match(user.deliver(message), { status: 111, stderr: 'Uh-oh: first line of .qmail file is blank. (#4.2.1)\n' })
  t.end()
})

t.test('F8: the Maildir of the default delivery is made, private, where the home is the user’s own', (t) => {
  const user = new TestUser()
  const defaultDelivery = './Maildir/'
  t.match(user.deliver(message, { defaultDelivery }), { status: 0, stdout: 'did 1+0+0\n' })
  t.equal(user.inMaildir('Maildir').length, 1)
  for (const part of ['', 'tmp', 'new', 'cur']) t.equal(statSync(join(user.home, 'Maildir', part)).mode & 0o7777, 0o700, part)
  const empty = new TestUser({ '.qmail': '' })
  t.equal(empty.deliver(message, { defaultDelivery }).status, 0, 'an empty .qmail is the default delivery')
  const half = new TestUser({ 'Maildir/': '' })
  t.equal(half.deliver(message, { defaultDelivery }).status, 0, 'what a crash has left half made is completed')
  for (const [dotfile, delivery] of [
    ['./Maildir/\n', defaultDelivery],
    [undefined, './deep/Maildir/'],
    [undefined, './../Maildir/'],
  ] as const) {
    const other = new TestUser(dotfile === undefined ? {} : { '.qmail': dotfile })
    t.match(other.deliver(message, { defaultDelivery: delivery }), { status: 111, stderr: 'Unable to chdir to maildir. (#4.2.1)\n' })
    t.equal(other.read('Maildir/new'), undefined)
  }
  t.end()
})

t.test('F8: no Maildir is made in a home that is somebody else’s', { skip: process.getuid?.() !== 0 && 'needs root' }, (t) => {
  const user = new TestUser()
  chownSync(user.home, 65_534, 65_534)
  t.match(user.deliver(message, { defaultDelivery: './Maildir/' }), { status: 111 })
  t.notOk(existsSync(join(user.home, 'Maildir')))
  t.end()
})

t.test('any .qmail text is obeyed line by line', (t) => {
  const words = fc.constantFrom('#', '.', '/', '|', '&', '+list', '+', ' ', '\t', '\n', 'x', '\0', '\xe9', '@')
  fc.assert(
    fc.property(fc.array(words, { maxLength: 40 }), fc.boolean(), (parts, forwardOnly) => {
      const text = parts.join('')
      try {
        const lines = [...parseDotQmail(text, forwardOnly)]
        return lines.length <= text.split('\n').length && (!forwardOnly || lines.every(({ kind }) => kind === 'forward'))
      } catch (error) {
        return error instanceof Error && error.message.startsWith('Uh-oh: ')
      }
    }),
    { numRuns: 5000, seed: 4 },
  )
  t.end()
})
