import { symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { execa } from 'execa'
import t, { type Test } from 'tap'

const program = join(import.meta.dirname, '../../../../bin/sendmail')
const told = join(import.meta.dirname, 'fixtures/told')

/** A home whose programs show what they are told, and a function that runs sendmail there. */
function scratch(t: Test) {
  const link = t.fixture('symlink', told)
  const home = t.testdir({ bin: { inject: link, smtpd: link, qread: link, qretry: link, explain: link }, empty: { bin: {} }, names: {} })
  return async (args: string[], env: Record<string, string> = {}, file = program) => {
    const child = execa(file, args, {
      env: { PATH: '/usr/bin:/bin', YABUMI_HOME: home, ...env },
      extendEnv: false,
      reject: false,
      encoding: 'latin1',
      stdin: 'ignore',
    })
    const { exitCode, stdout, stderr } = await child
    const [pid, directory, name = '', ...words] = stdout.split('\n')
    if (exitCode === 0) t.same([pid, directory], [String(child.pid), home], 'the program has the process, in the home')
    return { exit: exitCode, stderr, words: [name, ...words].filter((word) => word !== '') }
  }
}

const usage = 'sendmail: usage: sendmail [ -t ] [ -fsender ] [ -Fname ] [ -bp ] [ -bs ] [ arg ... ]'

t.test('recipients go to inject as arguments, with -t also those of the header', async (t) => {
  const sendmail = scratch(t)
  t.same((await sendmail(['a@b', '-c@d'])).words, ['bin/inject', '-a', '--', 'a@b', '-c@d'])
  t.same((await sendmail(['-t'])).words, ['bin/inject', '-H', '--'])
  t.same((await sendmail(['-bm', '-t', '--', '-a@b'])).words, ['bin/inject', '-H', '--', '-a@b'])
})

t.test('D9: the options that programs pass are taken without complaint', async (t) => {
  const sendmail = scratch(t)
  const lines: [string, string[]][] = [
    ['git send-email', ['-f', 'me@h', '-i', 'to@h', 'cc@h']],
    ['cron', ['-i', '-FCronDaemon', '-B8BITMIME', '-oem', 'root']],
    ['Debian’s cron', ['-FCronDaemon', '-i', '-B8BITMIME', '-oem', 'root']],
    ['cronie', ['-FCronDaemon', '-i', '-odi', '-oem', '-oi', '-t', '-f', '<>']],
    ['anacron', ['-FAnacron', '-odi', 'root']],
    ['at', ['-i', 'joe']],
    ['sudo, mdadm', ['-t']],
    ['logwatch', ['-t', '-v']],
    ['s-nail', ['-i', '-m', '-r', 'me@h', '--', 'to@h']],
    ['bsd-mailx', ['-i', 'to@h', 'cc@h']],
    ['smartd by mail', ['-i', '--', 'root']],
    ['a filter of sendmail’s', ['-oMrlocal', '-oi', '-bm', '-f', '<>', 'to@h']],
    ['Ruby', ['-i', '-f', 'me@h', '-t']],
    ['mailx', ['-i', '-v', '-m', 'to@h']],
    ['PHP mail()', ['-t', '-i']],
    ['Perl', ['-t', '-oi', '-oem', '-odb']],
    ['mutt', ['-oem', '-oi', '-fme@h', '-N', 'failure,delay', '-R', 'hdrs', '-V', 'id', '--', 'to@h']],
    ['Sony NEWS-OS', ['-Eanything', '-tJx', '-p', 'proto:host', '-x', 'to@h']],
  ]
  for (const [who, args] of lines) {
    const { exit, stderr, words } = await sendmail(args)
    t.same([exit, stderr, words[0]], [0, '', 'bin/inject'], who)
  }
  t.same((await sendmail(['-Eanything', '-tJx', 'to@h'])).words, ['bin/inject', '-H', '--', 'to@h'])
})

t.test('-f is the sender, and the From field follows it', async (t) => {
  const sendmail = scratch(t)
  const env = { QMAILNAME: 'q', MAILNAME: 'm', NAME: 'n', QMAILHOST: 'qh', MAILHOST: 'mh', QMAILUSER: 'u' }
  t.same((await sendmail(['-f', 'a@b@c', 'x@y'], env)).words, [
    'bin/inject',
    '-a',
    '-f',
    'a@b@c',
    '--',
    'x@y',
    'QMAILHOST=c',
    'QMAILUSER=a@b',
  ])
  t.same((await sendmail(['-fjoe'], env)).words, ['bin/inject', '-a', '-f', 'joe', '--', 'QMAILUSER=joe'])
  t.same((await sendmail(['-f', '', '-FJoe'])).words, ['bin/inject', '-a', '-f', '--', 'MAILNAME=Joe'], 'nobody is no author')
})

t.test('-F is the personal name, unless -f is given', async (t) => {
  const sendmail = scratch(t)
  t.same((await sendmail(['-F', 'Joe "Q" P', 'x@y'])).words, ['bin/inject', '-a', '--', 'x@y', 'MAILNAME=Joe "Q" P'])
  t.same((await sendmail(['-FJoe', '-fa@b', 'x@y'])).words, ['bin/inject', '-a', '-f', 'a@b', '--', 'x@y', 'QMAILHOST=b', 'QMAILUSER=a'])
})

t.test('-bs becomes smtpd, which learns that the connection is local', async (t) => {
  const sendmail = scratch(t)
  t.same((await sendmail(['-bs'])).words, [
    'bin/smtpd',
    'DATABYTES=0',
    'PROTO=TCP',
    'RELAYCLIENT=',
    'TCPLOCALHOST=localhost',
    'TCPLOCALIP=127.0.0.1',
    'TCPREMOTEHOST=localhost',
    'TCPREMOTEINFO=sendmail-bs',
    'TCPREMOTEIP=127.0.0.1',
  ])
  t.same((await sendmail(['-bs'], { PROTO: 'TCP', TCPREMOTEIP: '::1' })).words, ['bin/smtpd', 'PROTO=TCP', 'TCPREMOTEIP=::1'])
})

t.test('-bp and the name mailq become qread; the name newaliases is refused', async (t) => {
  const sendmail = scratch(t)
  const called = (name: string) => {
    symlinkSync(program, join(t.testdirName, 'names', name))
    return join(t.testdirName, 'names', name)
  }
  t.same((await sendmail(['-bp', '-Q'])).words, ['bin/qread'], 'what follows -bp is not looked at')
  const mailq = called('mailq')
  t.same((await sendmail(['-v'], {}, mailq)).words, ['bin/qread'])
  t.match(await sendmail(['-Q'], {}, mailq), { exit: 100, stderr: `mailq: illegal option -- Q\n${usage}` })
  const refused = { exit: 100, stderr: 'sendmail: fatal: please use fastforward/newaliases instead' }
  t.match(await sendmail([], {}, called('newaliases')), refused)
})

t.test('what is no option of sendmail is refused', async (t) => {
  const sendmail = scratch(t)
  t.match(await sendmail(['-Q']), { exit: 100, stderr: `sendmail: illegal option -- Q\n${usage}` })
  t.match(await sendmail(['-f']), { exit: 100, stderr: `sendmail: option requires an argument -- f\n${usage}` })
  for (const mode of ['-bd', '-bt']) t.match(await sendmail([mode]), { exit: 100, stderr: usage })
})

t.test('bytes that are no UTF-8 arrive as they are', async (t) => {
  const sendmail = scratch(t)
  const script = `Y_V=$(printf 'j\\366e') exec ${program} -F "$(printf 'J\\366e')" "$(printf 'j\\351@h\\377')" plain`
  t.same((await sendmail(['-c', script], {}, '/bin/sh')).words, [
    'bin/inject',
    '-a',
    '--',
    'j\xe9@h\xff',
    'plain',
    'MAILNAME=J\xf6e',
    'Y_V=j\xf6e',
  ])
})

t.test('a home or a program that is not there is one complaint and exit code 111', async (t) => {
  const sendmail = scratch(t)
  const home = join(t.testdirName, 'empty')
  t.match(await sendmail(['a@b'], { YABUMI_HOME: home }), { exit: 111, stderr: 'sendmail: fatal: unable to run qmail-inject' })
  t.match(await sendmail(['-bs'], { YABUMI_HOME: home }), { exit: 111, stderr: 'sendmail: fatal: unable to run qmail-smtpd' })
  t.match(await sendmail(['-bp'], { YABUMI_HOME: home }), { exit: 111, stderr: 'sendmail: fatal: unable to run qmail-qread' })
  const missing = join(home, 'missing')
  t.match(await sendmail(['a@b'], { YABUMI_HOME: missing }), {
    exit: 111,
    stderr: new RegExp(`^sendmail: fatal: .*${missing}`),
  })
})

t.test('D3, D9: -r is -f, angle brackets around the sender are none of it, and an empty sender stays one', async (t) => {
  const sendmail = scratch(t)
  for (const args of [['-f', '<>'], ['-r', ''], ['-r<>']])
    t.same((await sendmail([...args, 'x@y'])).words.slice(0, 4), ['bin/inject', '-a', '-f', '--'], args.join(' '))
  for (const args of [['-f', '<a@b>'], ['-ra@b']])
    t.same((await sendmail([...args, 'x@y'])).words.slice(0, 5), ['bin/inject', '-a', '-f', 'a@b', '--'])
})

t.test('D4: an argument may be a list, as in a header; a local part with a comma in quotes is one address', async (t) => {
  const sendmail = scratch(t)
  const recipients = async (...args: string[]) => (await sendmail(['--', ...args])).words.slice(3)
  t.same(await recipients('a@x,b@y', 'c'), ['a@x', 'b@y', 'c'])
  t.same(await recipients('Joe <a@x>', '<b@y>', '"Smith, J." <c@z>'), ['a@x', 'b@y', 'c@z'])
  t.same(await recipients('a b@x', "a'b@x", '|x', '\\joe'), ['a b@x', "a'b@x", '|x', '\\joe'], 'what is no list stays as it is')
  t.same(await recipients('a@x b@y', 'a@x; b@y', 'a@x,\nb@y', 'l: a@x, b@y;', 'a@x,,'), [...Array(4).fill(['a@x', 'b@y']), 'a@x'].flat())
  t.same(await recipients(' a@x\r\n', 'a@x (Joe)', '<@r,@s:a@x>', '"a b"@x', '=?UTF-8?Q?J?= <a@x>'), ['a@x', 'a@x', 'a@x', 'a b@x', 'a@x'])
})

t.test('D10: a name with a comma that nobody has quoted is no recipient', async (t) => {
  const sendmail = scratch(t)
  t.match(await sendmail(['--', 'Smith, John <j@x>']), { exit: 100, stderr: /name with a comma that is not quoted: Smith, John <j@x>$/ })
})

t.test('D4: what is no address, or only the beginning of one, is no recipient at a host that nobody wrote', async (t) => {
  const sendmail = scratch(t)
  for (const argument of ['<a@x', 'a@x>', '"unclosed, x', 'a@x, "b@y', '<<a@x>>', 'mailto:a@x', 'a@x, <b@y', ':include:/x'])
    t.match(await sendmail(['--', 'good@x', argument]), { exit: 100, stderr: `sendmail: fatal: unable to parse address: ${argument}` })
  for (const argument of ['', ' ', ',', '<>', 'a@x, <>', '""', '()', 'undisclosed-recipients:;'])
    t.match(await sendmail(['--', 'good@x', argument]), { exit: 100, stderr: `sendmail: fatal: no address: ${argument}`.trim() })
})

t.test('D3: a sender is read as an address in a header is, and there is one', async (t) => {
  const sendmail = scratch(t)
  const sender = async (argument: string) => (await sendmail(['-f', argument, 'x@y'])).words.slice(2, -1)
  for (const argument of ['Joe <a@b>', '"Joe, D" <a@b>', 'a@b (Joe)', ' a@b\r\n', '< a@b >', '<@r:a@b>'])
    t.same(await sender(argument), ['-f', 'a@b', '--', 'x@y', 'QMAILHOST=b'], argument)
  t.same(await sender('"a b"@c'), ['-f', 'a b@c', '--', 'x@y', 'QMAILHOST=c'])
  for (const argument of ['', '<>', ' <> ', '""'])
    t.same((await sendmail(['-f', argument, 'x@y'])).words.slice(2), ['-f', '--', 'x@y'], argument)
  for (const argument of ['<a@b', 'a@b>', '<<a@b>>', 'a@b\nBcc: c@d', '"a@b'])
    t.match(await sendmail(['-f', argument, 'x@y']), { exit: 100, stderr: `sendmail: fatal: unable to parse address: ${argument}` })
  for (const argument of ['a@b,c@d', 'a@b c@d'])
    t.match(await sendmail(['-f', argument, 'x@y']), { exit: 100, stderr: `sendmail: fatal: more than one sender: ${argument}` })
})

t.test('D9: what other sendmails take is taken, or refused by name', async (t) => {
  const sendmail = scratch(t)
  t.same((await sendmail(['-G', '-O', 'x=y', '-X', '/log', '-L', 'tag', '-n', '-U', 'a@x'])).words, ['bin/inject', '-a', '--', 'a@x'])
  t.same((await sendmail(['-q'])).words, ['bin/qretry', '--all', '--yes'])
  t.same((await sendmail(['-bv', 'a@x'])).words, ['bin/explain', 'a@x'])
  t.match(await sendmail(['-q30m']), { exit: 100, stderr: /-q takes no time/ })
  t.match(await sendmail(['-bv']), { exit: 100, stderr: /-bv takes one address/ })
  for (const args of [['-bd'], ['-ba']]) t.match(await sendmail(args), { exit: 100, stderr: usage })
  for (const args of [['-bi'], ['-I']])
    t.match(await sendmail(args), { exit: 100, stderr: 'sendmail: fatal: please use fastforward/newaliases instead' })
})
