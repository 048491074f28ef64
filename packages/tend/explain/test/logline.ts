import t from 'tap'
import { History } from '../src/history.ts'

t.test('a number that is used again is another message; delivery numbers begin anew when send does', async (t) => {
  const history = new History(['457'])
  for (const line of [
    'new msg 457',
    'starting delivery 1: msg 457 to local old@x',
    'delivery 1: success: did_1+0+0/',
    'end msg 457',
    'new msg 457',
    'starting delivery 2: msg 457 to local new@x',
    'starting delivery 1: msg 9 to local other@x',
    'starting delivery 2: msg 9 to local other@x',
    'delivery 2: failure: not_ours/',
    'starting delivery 3: msg 457 to local new@x',
    'delivery 3: deferral: ours/',
  ]) {
    history.take(line)
  }
  const life = history.lastOf('457')
  t.equal(life?.ended, undefined)
  t.match(life?.attempts, [
    { recipient: 'new@x', outcome: undefined },
    { recipient: 'new@x', outcome: 'deferral', text: 'ours/' },
  ])
})

t.test('what rspawn says of signatures belongs to the message that has the number then', async (t) => {
  const history = new History(['457'])
  const say = (...lines: string[]): string | undefined => {
    for (const line of lines) history.take(line)
    return history.lastOf('457')?.dkim
  }
  t.equal(say('new msg 457', 'starting delivery 1: msg 457 to remote a@x'), undefined)
  t.equal(say('2 Dec 2026 10:00:00 rspawn: dkim: 457 not signed: it came from the network'), 'not signed: it came from the network')
  t.equal(say('rspawn: dkim: 458 d=other.example s=a'), 'not signed: it came from the network')
  t.equal(say('end msg 457', 'new msg 457', 'rspawn: dkim: 457 d=example.org s=a+e'), 'd=example.org s=a+e')
  t.equal(say('smtpd: 192.0.2.1 rspawn: dkim: 457 forged'), 'd=example.org s=a+e')
})
