import { chmodSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { execa } from 'execa'
import t from 'tap'

const bin = join(import.meta.dirname, '../../../../bin')

t.test('elq moves the mail into the mbox and becomes elm', async (t) => {
  const home = t.testdir({ Maildir: { new: { a: 'A: b\n' }, cur: {}, tmp: {} }, path: {} })
  symlinkSync(bin, join(home, 'bin'))
  await execa('touch', ['-d', '2001-01-01', join(home, 'Maildir/new/a')])
  const reader = join(home, 'path/elm')
  writeFileSync(reader, '#!/bin/sh\ncat "$MAIL"; echo "$#:$*"; exit 7\n')
  chmodSync(reader, 0o755)
  const places = { MAILDIR: join(home, 'Maildir'), MAIL: join(home, 'mbox'), MAILTMP: join(home, 'mbox.tmp') }
  const env = { PATH: `${join(home, 'path')}:/usr/bin:/bin`, YABUMI_HOME: home, ...places }
  const { exitCode, stdout } = await execa(join(bin, 'elq'), ['-f', 'a b'], { env, extendEnv: false, reject: false })
  t.match({ exitCode, stdout }, { exitCode: 7, stdout: /^From XXX .*2001\nA: b\n\n2:-f a b$/ })
})

t.test('the reader is not started if the mail cannot be moved, or there is none', async (t) => {
  const home = t.testdir({ Maildir: { new: {}, cur: {}, tmp: {} } })
  symlinkSync(bin, join(home, 'bin'))
  const places = { MAILDIR: join(home, 'Maildir'), MAIL: join(home, 'mbox'), MAILTMP: join(home, 'mbox.tmp') }
  // launchers find their own way with what is in /bin; a PATH without a reader is all that is wanted here
  const options = { extendEnv: false, reject: false } as const
  const failed = await execa(join(bin, 'elq'), [], { env: { PATH: home, YABUMI_HOME: home, ...places, MAILDIR: '/no/such' }, ...options })
  t.match(failed, { exitCode: 111, stderr: 'maildir2mbox: fatal: unable to chdir to /no/such: file does not exist' })
  const missing = await execa(join(bin, 'elq'), [], { env: { PATH: home, YABUMI_HOME: home, ...places }, ...options })
  t.match(missing, { exitCode: 111, stderr: 'elq: fatal: unable to run elm' })
})
