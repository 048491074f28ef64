import { smtpEnvelopeBytes, smtpRestSeconds } from '@yabumi/limits'
import t from 'tap'
import { EnvelopeMemory } from '../src/envelopememory.ts'
import { Session } from '../src/session.ts'
import { readSettings } from '../src/settings.ts'
import { ScratchHome } from './scratch/home.ts'

t.test('a session gives way when it has brought no message for a while, and never in the middle of one', async (t) => {
  const home = new ScratchHome(t)
  process.chdir(home.path)
  t.teardown(() => process.chdir('/'))
  const said: string[] = []
  const wire = {
    send: (replies: string) => said.push(replies) > 0,
    drained: async () => undefined,
    pause: () => undefined,
    resume: () => undefined,
    close: (exitCode: number) => said.push(`closed ${exitCode}`),
  }
  const client = { remoteHost: 'unknown', remoteAddress: '192.0.2.1', remoteInfo: undefined, localHost: 'test.example' }
  const session = new Session(client, readSettings(new Map()), wire, new EnvelopeMemory(smtpEnvelopeBytes, () => undefined))
  const later = performance.now() + smtpRestSeconds * 1000 + 1_000
  session.greet()
  t.equal(session.giveWay(), false, 'it has just come')
  session.receive(Buffer.from('MAIL FROM:<>\r\nRCPT TO:<r@test.example>\r\n'))
  said.length = 0
  t.equal(session.giveWay(later), true)
  t.same(said, ['421 too many connections, try again later (#4.3.2)\r\n', 'closed 1'])
  t.equal(session.giveWay(later), false, 'it has gone')
})
