/** From one home to another by QMTP, the receiving one as operators run it: qmtpd under tcpserver. */

import { execa } from 'execa'
import t from 'tap'
import { ScratchHome } from '../support/home.ts'
import { freePort } from '../support/ports.ts'
import { missing } from '../support/programs.ts'

t.test('mail goes to qmtpd under tcpserver', { skip: missing('tcpserver') }, async (t) => {
  const port = await freePort()
  const far = await ScratchHome.make(t, 'joe', 'ann')
  far.control('rcpthosts', 'mail.test.example\n')
  const farRunning = await far.supervise()
  const server = execa('tcpserver', ['-HRl0', '127.0.0.1', String(port), `${far.directory}/bin/qmtpd`], {
    env: far.environment,
    extendEnv: false,
    reject: false,
  })
  t.teardown(async () => {
    server.kill()
    await server
  })
  const near = await ScratchHome.make(t, 'eve')
  near.control('locals', 'near.example\n')
  near.control('qmtproutes', `:127.0.0.1:${port}\n`)
  const running = await near.supervise()
  const to = ['joe@mail.test.example', 'ann@mail.test.example', 'x@elsewhere.example']
  await near.inject(['-feve@near.example', '--', ...to], 'Subject: far\n\nhello\n.\n')
  await running.logs(/success: 127\.0\.0\.1_accepted_message\.\/Remote_host_said:_ok_\d+_qp_\d+\//, 2)
  await running.logs(/failure: 127\.0\.0\.1_does_not_like_recipient\.\/.*rcpthosts_\(#5\.7\.1\)/)
  await running.emptied()
  await farRunning.emptied()
  for (const user of ['joe', 'ann']) {
    const [message] = far.maildir(user)
    t.match(message, /^Return-Path: <eve@near\.example>\n/)
    t.match(message, /\nReceived: from unknown \(127\.0\.0\.1\)\n {2}by .* with QMTP; /)
    t.match(message, /\nSubject: far\n/)
    t.ok(message?.endsWith('\n\nhello\n.\n'))
  }
  t.match(near.maildir('eve')[0], /x@elsewhere\.example/, 'who was refused is told to the sender')
})
