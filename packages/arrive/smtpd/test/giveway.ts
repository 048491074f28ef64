import { smtpEnvelopeBytes, smtpRestSeconds } from '@yabumi/limits'
import { DoorLog } from '@yabumi/logline'
import t from 'tap'
import { EnvelopeMemory } from '../src/envelopememory.ts'
import { Session } from '../src/session.ts'
import { SessionLog } from '../src/sessionlog.ts'
import { readSettings } from '../src/settings.ts'
import { UserQuestions } from '../src/userquestions.ts'
import { noTls } from '../src/wire.ts'
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
    startTls: async () => 'never',
    close: (exitCode: number) => said.push(`closed ${exitCode}`),
  }
  const lines: string[] = []
  const door = new DoorLog('smtpd', (text) => lines.push(text))
  const log = new SessionLog(door, { address: '192.0.2.1', port: 4711, share: '192.0.2.1', isOurs: () => false })
  const client = { remoteHost: 'unknown', remoteAddress: '192.0.2.1', remoteInfo: undefined, localHost: 'test.example' }
  const shared = {
    memory: new EnvelopeMemory(smtpEnvelopeBytes, () => undefined),
    users: new UserQuestions(() => undefined),
    logins: undefined,
    listJudge: () => Promise.reject(new Error()),
  }
  const session = new Session(client, readSettings(new Map(), undefined), wire, shared, noTls(), log)
  const later = performance.now() + smtpRestSeconds * 1000 + 1_000
  session.greet()
  t.equal(session.giveWay(), false, 'it has just come')
  session.receive(Buffer.from('MAIL FROM:<>\r\nRCPT TO:<r@test.example>\r\n'))
  said.length = 0
  t.equal(session.giveWay(later), true)
  t.same(said, ['421 too many connections, try again later (#4.3.2)\r\n', 'closed 1'])
  t.equal(session.giveWay(later), false, 'it has gone')
  door.end()
  t.same(lines, ['smtpd: 192.0.2.1 4711: end: gave way to another client, messages 0, refused 0, seconds 0: -'])
})
