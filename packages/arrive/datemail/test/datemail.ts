import { readFileSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { execa } from 'execa'
import t from 'tap'

const bin = join(import.meta.dirname, '../../../../bin')
const queue = join(import.meta.dirname, 'fixtures/queue')

t.test('a message gets a Date field in local time and goes to sendmail with its options', async (t) => {
  const home = t.testdir({ control: { me: 'test.example\n' }, capture: {} })
  symlinkSync(bin, join(home, 'bin'))
  const capture = join(home, 'capture')
  const env = { PATH: '/usr/bin:/bin', YABUMI_HOME: home, QMAILQUEUE: queue, CAPTURE: capture, TZ: 'XYZ-5:30' }
  const options = { input: 'To: c@d\nSubject: s\n\nhi\n', env, extendEnv: false, cwd: capture }
  await execa(join(bin, 'datemail'), ['-t', '-f', 'joe@x.y', 'a@b.c'], options)
  t.match(readFileSync(join(capture, 'mess'), 'latin1'), /^Date: \d.* \+0530$/m)
  const [sender, ...recipients] = readFileSync(join(capture, 'env'), 'latin1').split('\0').slice(0, -2)
  t.equal(sender, 'Fjoe@x.y')
  t.same(recipients.sort(), ['Ta@b.c', 'Tc@d.test.example'])
})

t.test('a home without programs is exit code 111', async (t) => {
  const { exitCode, stderr } = await execa(join(bin, 'datemail'), [], { env: { YABUMI_HOME: t.testdir({}) }, reject: false, input: '' })
  t.equal(exitCode, 111)
  t.match(stderr, /^datemail: fatal: unable to run .*\/bin\/predate$/)
})
