import { randomBytes } from 'node:crypto'
import { openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { execa } from 'execa'
import t, { type Test } from 'tap'

const bin = join(import.meta.dirname, '../../../../bin/forward')
const queue = join(import.meta.dirname, 'fixtures/queue')
const deliveredTo = 'Delivered-To: joe@test.example\n'
const mail = 'To: joe@test.example\nBcc: x@y.z\nResent-To: early@y.z\n\nbody\n'

/** A scratch home, and a function that runs forward there. (Any descriptor may be stdin, but execa's types know only 0.) */
function scratch(t: Test) {
  const home = t.testdir({ control: { me: 'test.example\n' }, capture: {} })
  const capture = join(home, 'capture')
  return {
    home,
    async forward(args: string[], input: string | Uint8Array | { stdin: 0 } = mail, env: Record<string, string | undefined> = {}) {
      const source = typeof input === 'string' || input instanceof Uint8Array ? { input } : input
      const { exitCode, stderr } = await execa(bin, args, {
        ...source,
        env: {
          PATH: '/usr/bin:/bin',
          YABUMI_HOME: home,
          QMAILQUEUE: queue,
          CAPTURE: capture,
          NEWSENDER: 'sender@x.y',
          DTLINE: deliveredTo,
          RECIPIENT: 'joe@test.example',
          ...env,
        },
        extendEnv: false,
        cwd: capture,
        reject: false,
      })
      return { exit: exitCode, stderr }
    },
    bytes: () => readFileSync(join(capture, 'mess')),
    message: () => readFileSync(join(capture, 'mess'), 'latin1'),
    envelope: () => readFileSync(join(capture, 'env'), 'latin1').split('\0').slice(0, -2),
  }
}

t.test('a message goes on byte for byte, behind the Delivered-To line', async (t) => {
  const { forward, bytes, envelope } = scratch(t)
  const message = Buffer.concat([Buffer.from('No: header?\r\n'), randomBytes(300_000)])
  t.match(await forward(['a@b', 'c d@e', '-x@y'], message), { exit: 0, stderr: /^forward: qp \d+$/ })
  t.ok(bytes().equals(Buffer.concat([Buffer.from(deliveredTo), message])))
  t.same(envelope(), ['Fsender@x.y', 'Ta@b', 'Tc d@e', 'T-x@y'])
})

t.test('D2: a message is not sent on to nobody, whoever else is named', async (t) => {
  const { forward, message } = scratch(t)
  for (const args of [[], [''], [' '], ['@test.example'], ['a@b', ''], ['--resent', '']]) {
    t.match(await forward(args), { exit: 100, stderr: /^forward: fatal: (no address|unable to parse .*)$/ }, JSON.stringify(args))
  }
  t.throws(message, 'nothing is queued')
})

t.test('D4: an argument that is a list is each of it; half an address is none', async (t) => {
  const { forward, envelope } = scratch(t)
  t.match(await forward(['a@b,c@d', 'Joe <e@f>', 'c d@e']), { exit: 0 })
  t.same(envelope(), ['Fsender@x.y', 'Ta@b', 'Tc@d', 'Te@f', 'Tc d@e'])
  for (const argument of ['a@b, <c@d', 'a@b;c@d', 'a@b\nc@d', '<>', '"a@b'])
    t.match(await forward(['x@y', argument]), { exit: 100, stderr: `forward: fatal: no address: ${argument}` })
})

t.test('D1: half an address in a list of further recipients is none', async (t) => {
  const { forward, message } = scratch(t)
  for (const list of ['<b@c', 'b@c, <>', 'b@c@d', 'Smith, John <b@c>'])
    for (const option of ['--resent-cc', '--resent-bcc'])
      t.match(await forward(['--resent', option, list, 'x@y']), { exit: 100, stderr: /^forward: fatal: no address/ }, `${option} ${list}`)
  t.throws(message, 'nothing is queued')
})

t.test('a forward adds the Resent fields on top when asked to, and leaves everything else alone', async (t) => {
  const { forward, message, envelope } = scratch(t)
  t.match(await forward(['--resent', 'a@b', 'c d@e']), { exit: 0 })
  const [, top, rest] = /^((?:Resent-.*\n)*)(Delivered-To: [\s\S]*)$/.exec(message()) ?? []
  t.equal(rest, `${deliveredTo}${mail}`)
  t.match(
    top,
    /^Resent-From: joe@test\.example\nResent-To: a@b, "c d"@e\nResent-Date: \d+ [A-Z][a-z]+ \d+ \d\d:\d\d:\d\d -0000\nResent-Message-ID: <\d{14}\.\d+\.qmail@test\.example>\n$/,
  )
  t.same(envelope(), ['Fsender@x.y', 'Ta@b', 'Tc d@e'])
})

t.test('the other Resent fields are added as given, and those in them get the message', async (t) => {
  const { forward, message, envelope } = scratch(t)
  const options = [
    '--resent-sender',
    's@h',
    '--resent-from',
    'Joe <j@h>',
    '--resent-reply-to=r@h',
    '--resent-cc',
    'Ann <ann@h>, bob@h',
    '--resent-cc',
    'cid@h',
  ]
  t.match(await forward([...options, 'a@b']), { exit: 0 })
  t.match(
    message(),
    'Resent-Sender: s@h\nResent-From: Joe <j@h>\nResent-Reply-To: r@h\nResent-To: a@b\nResent-Cc: Ann <ann@h>, bob@h, cid@h\nResent-Date: ',
  )
  t.same(envelope(), ['Fsender@x.y', 'Ta@b', 'Tcid@h', 'Tbob@h', 'Tann@h'])
})

t.test('Resent-Bcc never leaves', async (t) => {
  const { forward, message, envelope } = scratch(t)
  t.match(await forward(['--resent', '--resent-bcc', 'Secret <secret@h>', 'a@b']), { exit: 0 })
  t.notMatch(message(), /secret|bcc: s/i)
  t.same(envelope(), ['Fsender@x.y', 'Ta@b', 'Tsecret@h'])
})

t.test('no address ends its field and begins another', async (t) => {
  const { forward, message } = scratch(t)
  t.match(await forward(['--resent', '--resent-cc', '"a\nX: y"@h', 'b@h'], mail, { RECIPIENT: 'c\nX: y@h' }), { exit: 0 })
  t.notMatch(message(), /^X/m)
})

t.test('what local did not say, and what cannot be understood, is exit code 100', async (t) => {
  const { forward } = scratch(t)
  const cases: [string[], Record<string, undefined>, string | RegExp][] = [
    [['a@b'], { NEWSENDER: undefined }, 'forward: fatal: NEWSENDER not set'],
    [['a@b'], { DTLINE: undefined }, 'forward: fatal: DTLINE not set'],
    [['--resent', 'a@b'], { RECIPIENT: undefined }, 'forward: fatal: RECIPIENT not set; name the forwarder with --resent-from'],
    [['--resent-cc', 'a>', 'a@b'], {}, 'forward: fatal: unable to parse --resent-cc: a>'],
    [['--resent', 'a@)'], {}, 'forward: fatal: unable to parse address: a@)'],
    [['--resend', 'a@b'], {}, /^forward: Unknown argument: resend; see forward --help$/],
    [['--resent-cc'], {}, /^forward: Not enough arguments following: resent-cc; see forward --help$/],
  ]
  for (const [args, env, stderr] of cases) t.match(await forward(args, mail, env), { exit: 100, stderr })
})

t.test('an exit code of queue becomes 100 or 111', async (t) => {
  const { forward } = scratch(t)
  const refused = 'forward: fatal: mail server permanently rejected message (#5.3.0)'
  t.same(await forward(['a@b'], mail, { QUEUE_EXIT: '31' }), { exit: 100, stderr: refused })
  t.same(await forward(['a@b'], mail, { QUEUE_EXIT: '71' }), {
    exit: 111,
    stderr: 'forward: fatal: mail server temporarily rejected message (#4.3.0)',
  })
})

t.test('a message that cannot be read is taken back', async (t) => {
  const { forward, home } = scratch(t)
  t.same(await forward(['a@b'], { stdin: openSync(home, 'r') as 0 }), {
    exit: 111,
    stderr: 'forward: fatal: unable to read message: is a directory',
  })
})
