import t from 'tap'
import { ScratchHome } from '../../../../test/support/home.ts'

t.test('qrelease passes over what is not held, and refuses a command line that says nothing', async (t) => {
  const home = await ScratchHome.make(t)
  await home.inject(['-fa@mail.test.example', 'b@far.example'], 'Subject: x\n\ny\n')
  t.match(await home.run('qrelease', [], { reject: false }), { exitCode: 100, stderr: /^qrelease: say which messages/ })
  t.match((await home.run('qrelease', ['--sender', 'nobody@x'])).stdout, '0 messages; --yes does it')
})
