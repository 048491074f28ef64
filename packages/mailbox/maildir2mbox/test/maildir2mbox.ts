import { mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { execa } from 'execa'
import t, { type Test } from 'tap'

const bin = join(import.meta.dirname, '../../../../bin/maildir2mbox')

/** A scratch directory with a Maildir, and a function that runs maildir2mbox on it. */
function scratch(t: Test) {
  const directory = t.testdir({ Maildir: { new: {}, cur: {}, tmp: {} } })
  const maildir = join(directory, 'Maildir')
  const [mbox, temporary] = [join(directory, 'mbox'), join(directory, 'mbox.tmp')]
  return {
    maildir,
    mbox,
    temporary,
    file(name: string, data: string, seconds: number) {
      writeFileSync(join(maildir, name), data, 'latin1')
      utimesSync(join(maildir, name), seconds, seconds)
    },
    async run(env: Record<string, string | undefined> = {}) {
      const options = {
        env: { PATH: '/usr/bin:/bin', MAILDIR: maildir, MAIL: mbox, MAILTMP: temporary, ...env },
        extendEnv: false,
        reject: false,
      }
      const { exitCode, stdout, stderr } = await execa(bin, options)
      return { exit: exitCode, stdout, stderr }
    },
    text: () => readFileSync(mbox, 'latin1'),
    names: () => ['new', 'cur', 'tmp'].flatMap((part) => readdirSync(join(maildir, part)).map((name) => `${part}/${name}`)).sort(),
  }
}

const silence = { exit: 0, stdout: '', stderr: '' }

t.test('messages move behind what the mbox holds, in the order of arrival', async (t) => {
  const { run, file, text, names, mbox } = scratch(t)
  writeFileSync(mbox, 'From old Thu Jan 01 00:00:00 1970\nA: old\n\n')
  file('new/b', 'A: 3\n\nFrom me', 3_000)
  file('cur/a:2,S', 'Return-Path: <s@x>\nA: 1\n', 1_000)
  file('new/caf\xe9', 'A: 2\n', 2_000)
  file('new/.hidden', 'A: no\n', 1_000)
  t.same(await run(), silence)
  t.equal(
    text(),
    'From old Thu Jan 01 00:00:00 1970\nA: old\n\n' +
      'From s@x Thu Jan 01 00:16:40 1970\nReturn-Path: <s@x>\nA: 1\n\n' +
      'From XXX Thu Jan 01 00:33:20 1970\nA: 2\n\n' +
      'From XXX Thu Jan 01 00:50:00 1970\nA: 3\n\n>From me\n\n',
  )
  t.same(names(), ['new/.hidden'])
  t.equal(statSync(mbox).mode & 0o777, 0o600)
})

t.test('a Maildir without messages leaves no mbox', async (t) => {
  const { run, file, mbox, maildir } = scratch(t)
  file('new/future', 'A: b\n', Date.now() / 1000 + 100)
  mkdirSync(join(maildir, 'new/directory'))
  symlinkSync('nowhere', join(maildir, 'new/dangling'))
  t.same(await run(), silence)
  t.throws(() => statSync(mbox))
})

t.test('what deliveries have left in tmp for 36 hours is removed', async (t) => {
  const { run, file, names } = scratch(t)
  file('tmp/old', 'x', Date.now() / 1000 - 37 * 3600)
  file('tmp/young', 'x', Date.now() / 1000 - 35 * 3600)
  t.same(await run(), silence)
  t.same(names(), ['tmp/young'])
})

t.test('two at once move every message once', async (t) => {
  const { run, file, text, names } = scratch(t)
  for (let i = 0; i < 50; i += 1) file(`new/${i}`, `N: ${i}.\n`, 1_000 + i)
  t.same(await Promise.all([run(), run(), run()]), [silence, silence, silence])
  t.same(
    text().match(/^N: .*$/gm),
    Array.from({ length: 50 }, (_, i) => `N: ${i}.`),
  )
  t.same(names(), [])
})

t.test('trouble leaves the mbox and the Maildir as they were', async (t) => {
  const { run, file, text, names, maildir, mbox, temporary } = scratch(t)
  file('new/a', 'A: b\n', 1_000)
  writeFileSync(mbox, 'old')
  const trouble = async (env: Record<string, string | undefined>, text: string) =>
    t.same(await run(env), { exit: 111, stdout: '', stderr: `maildir2mbox: fatal: ${text}` })
  await trouble({ MAIL: undefined, MAILTMP: undefined, MAILDIR: undefined }, 'MAIL not set')
  await trouble({ MAILTMP: undefined, MAILDIR: undefined }, 'MAILTMP not set')
  await trouble({ MAILDIR: undefined }, 'MAILDIR not set')
  await trouble({ MAILDIR: '/no/such/dir' }, 'unable to chdir to /no/such/dir: file does not exist')
  await trouble({ MAILDIR: join(maildir, 'new') }, 'unable to scan $MAILDIR/new: file does not exist')
  await trouble({ MAIL: maildir }, `unable to lock ${maildir}: is a directory`)
  await trouble({ MAILTMP: '/no/such/file' }, 'unable to create /no/such/file: file does not exist')
  await trouble({ MAILTMP: mbox }, `unable to create ${mbox}: file already exists`)
  t.equal(text(), 'old')
  t.same(names(), ['new/a'])
  t.throws(() => statSync(temporary))
})

t.test(
  'a message that cannot be read stops the move before it has begun',
  { skip: process.getuid?.() === 0 && 'root reads everything' },
  async (t) => {
    const { run, file, names, maildir, mbox, temporary } = scratch(t)
    file('new/a', 'A: b\n', 1_000)
    file('new/b', 'A: c\n', 2_000)
    await execa('chmod', ['0', join(maildir, 'new/b')])
    t.match(await run(), { exit: 111, stderr: 'maildir2mbox: fatal: unable to read $MAILDIR/new/b: access denied' })
    t.same(names(), ['new/a', 'new/b'])
    t.equal(readFileSync(mbox, 'utf8'), '')
    t.equal(readFileSync(temporary, 'utf8'), '')
  },
)

t.test('a message that cannot be removed is warned of', { skip: process.getuid?.() === 0 && 'root removes everything' }, async (t) => {
  const { run, file, maildir } = scratch(t)
  file('new/a', 'A: b\n', 1_000)
  await execa('chmod', ['500', join(maildir, 'new')])
  const stderr = 'maildir2mbox: warning: $MAILDIR/new/a will be delivered twice; unable to unlink: access denied'
  t.match(await run(), { exit: 0, stderr })
  await execa('chmod', ['700', join(maildir, 'new')])
})
