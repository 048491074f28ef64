import { readFileSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { execa } from 'execa'
import t, { type Test } from 'tap'

const bin = join(import.meta.dirname, '../../../../bin')
const queue = join(import.meta.dirname, 'fixtures/queue')

/** A scratch home, and a function that runs mailsubj. */
function scratch(t: Test) {
  const home = t.testdir({ control: { me: 'test.example\n' }, capture: {} })
  symlinkSync(bin, join(home, 'bin'))
  const capture = join(home, 'capture')
  return {
    async mailsubj(args: string[], input = 'body\n', env: Record<string, string> = {}) {
      const { exitCode, stderr } = await execa(join(bin, 'mailsubj'), args, {
        input,
        env: { PATH: '/usr/bin:/bin', YABUMI_HOME: home, QMAILQUEUE: queue, CAPTURE: capture, USER: 'joe', ...env },
        extendEnv: false,
        cwd: capture,
        reject: false,
      })
      return { exit: exitCode, stderr }
    },
    message: () => readFileSync(join(capture, 'mess'), 'latin1'),
    recipients: () => readFileSync(join(capture, 'env'), 'latin1').split('\0').slice(1, -2).sort(),
  }
}

t.test('a body becomes a message with a subject to everybody named', async (t) => {
  const { mailsubj, message, recipients } = scratch(t)
  t.same(await mailsubj(['  a \\n subject', 'a@x.y', 'Bob <b@x.y>, c', '-d']), { exit: 0, stderr: '' })
  t.ok(message().endsWith('Subject:   a \\n subject\nTo: a@x.y Bob <b@x.y>, c@test.example, -d@test.example\n\nbody\n'), message())
  t.same(recipients(), ['T-d@test.example', 'Tb@x.y', 'Tc@test.example'])
})

t.test('no argument adds a field, a recipient or an end of the header', async (t) => {
  const { mailsubj, message, recipients } = scratch(t)
  t.match(await mailsubj(['one\nBcc: evil@x.y\n\nfake\n folded', 'a@x.y,\nb@x.y']), { exit: 0 })
  t.ok(message().includes('Subject: one\n Bcc: evil@x.y\n \n fake\n folded\n'))
  t.same(recipients(), ['Ta@x.y', 'Tb@x.y'])
})

t.test('the exit code is that of inject', async (t) => {
  const { mailsubj } = scratch(t)
  t.match(await mailsubj(['s', 'a@b'], '', { QUEUE_EXIT: '31' }), { exit: 100 })
  t.match(await mailsubj(['s', 'a@b'], 'x'.repeat(1_000_000), { QUEUE_EXIT: '53' }), { exit: 111 })
})

t.test('without a subject it says how to call it', async (t) => {
  const { mailsubj } = scratch(t)
  t.same(await mailsubj([]), { exit: 100, stderr: 'mailsubj: usage: mailsubj subject [ recipient ... ]' })
})

t.test('a home without inject is exit code 111', async (t) => {
  const { mailsubj } = scratch(t)
  const empty = t.testdirName
  t.match(await mailsubj(['s', 'a@b'], '', { YABUMI_HOME: join(empty, 'capture') }), {
    exit: 111,
    stderr: /^mailsubj: fatal: unable to run .*\/bin\/inject: file does not exist$/,
  })
})
