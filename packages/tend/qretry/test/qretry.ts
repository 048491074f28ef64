import { join } from 'node:path'
import { execa } from 'execa'
import t from 'tap'
import { ScratchHome } from '../../../../test/support/home.ts'
import { missing } from '../../../../test/support/programs.ts'
import { until } from '../../../../test/support/wait.ts'

t.test('qretry makes chosen messages due now, and leaves the others and held ones alone', async (t) => {
  const home = await ScratchHome.make(t)
  home.control('smtproutes', ':127.0.0.1:1\n')
  const running = await home.supervise({ smtp: [], pop3: [] })
  for (const sender of ['one', 'two', 'held'])
    await home.inject([`-f${sender}@mail.test.example`, `${sender}@far.example`], 'Subject: x\n\ny\n')
  const attempts = (name: string): number => running.log.split(` to remote ${name}@far.example`).length - 1
  await running.logs(/^.*delivery \d+: deferral/m, 3)
  await until('all are preprocessed', async () => (await home.run('qread')).stdout.split('@far.example').length === 4)
  await home.run('qhold', ['--yes', '--sender', 'held@*'])
  t.match(
    (await home.run('qretry', ['--recipient', 'one@far.example'])).stdout,
    /^would retry #\d+ .* to one@far.example\n1 message; --yes does it\n$/,
  )
  t.match((await home.run('qretry', ['--yes', '--recipient', 'one@far.example'])).stdout, /1 message made due/)
  await until('it is tried', () => attempts('one') === 2)
  t.match((await home.run('qretry', ['--yes', '--all'])).stdout, /2 messages made due/)
  await until('both are tried', () => attempts('one') === 3 && attempts('two') === 2)
  t.equal(attempts('held'), 1)
  await running.stop()
})

t.test('while no send runs, the next one tries them at once', async (t) => {
  const home = await ScratchHome.make(t)
  home.control('smtproutes', ':127.0.0.1:1\n')
  let running = await home.supervise({ smtp: [], pop3: [] })
  await home.inject(['-fa@mail.test.example', 'b@far.example'], 'Subject: x\n\ny\n')
  await running.logs(/delivery \d+: deferral/)
  await running.stop()
  t.match((await home.run('qretry', ['--yes', '--sender', 'a@mail.test.example'])).stdout, /1 message made due/)
  running = await home.supervise({ smtp: [], pop3: [] })
  await running.logs(/starting delivery 1: .* to remote b@far.example/)
  await running.stop()
})

t.test('a message that is delivered because of it counts', { skip: missing('strace') }, async (t) => {
  const home = await ScratchHome.make(t, 'joe')
  home.userFile('joe', '.qmail', '|test -e now || exit 111\n')
  const running = await home.supervise({ smtp: [], pop3: [] })
  await home.inject(['-fa@mail.test.example', 'joe@mail.test.example'], 'Subject: x\n\ny\n')
  await running.logs(/delivery \d+: deferral/)
  await until('it is preprocessed', async () => (await home.run('qread')).stdout.includes('joe@'))
  home.userFile('joe', 'now', '')
  // it looks for the answer late, when there is no message any more
  const late = ['-o', '/dev/null', '-e', 'trace=kill', '-e', 'inject=kill:delay_exit=2000000', join(home.directory, 'bin/qretry')]
  const { stdout } = await execa('strace', [...late, '--yes', '--all'], { env: home.environment, extendEnv: false })
  t.match(stdout, /^made due #.*\n1 message made due$/)
  await running.emptied()
  await running.stop()
})
