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
