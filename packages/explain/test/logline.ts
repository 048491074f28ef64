import t from 'tap'
import { History } from '../src/history.ts'
import { parseLogLine } from '../src/logline.ts'

t.test('the words of send are read whatever a logger has put in front', async (t) => {
  const start = { kind: 'start', delivery: '3', id: '457', channel: 'remote', recipient: 'joe@x.example' }
  t.match(parseLogLine('starting delivery 3: msg 457 to remote joe@x.example'), { ...start, time: undefined })
  t.match(parseLogLine('send: starting delivery 3: msg 457 to remote joe@x.example'), start)
  t.match(parseLogLine('@400000006922a5b50badcafe starting delivery 3: msg 457 to remote joe@x.example'), { ...start, time: 1_763_878_315 })
  t.match(parseLogLine('Nov 23 06:11:55 host qmail: 1763878315.123456 starting delivery 3: msg 457 to remote joe@x.example'), {
    ...start,
    time: 1_763_878_315,
  })
  t.match(parseLogLine('info msg 457: bytes 82 from <a@b> qp 12 uid 0'), {
    kind: 'info',
    id: '457',
    bytes: 82,
    sender: 'a@b',
    qp: '12',
    uid: '0',
  })
  t.match(parseLogLine('delivery 3: deferral: Sorry_(#4.4.1)/'), {
    kind: 'ended',
    delivery: '3',
    outcome: 'deferral',
    text: 'Sorry_(#4.4.1)/',
  })
  t.match(parseLogLine('delivery 3: report mangled, will defer'), { kind: 'ended', outcome: 'mangled' })
  t.match(parseLogLine('bounce msg 457 qp 99'), { kind: 'bounce', id: '457', qp: '99' })
  t.equal(parseLogLine('status: local 0/10 remote 1/20'), undefined)
  t.equal(parseLogLine('delivery 3: nonsense'), undefined)
  t.equal(parseLogLine(''), undefined)
})

t.test('what a stranger has written into a report is not read as words of send', async (t) => {
  t.match(parseLogLine('delivery 3: deferral: x/_end_msg_457'), { kind: 'ended', text: 'x/_end_msg_457' })
})

t.test('a number that is used again is another message; delivery numbers begin anew when send does', async (t) => {
  const history = new History('457')
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
  t.equal(history.ended, undefined)
  t.match(history.attempts, [
    { recipient: 'new@x', outcome: undefined },
    { recipient: 'new@x', outcome: 'deferral', text: 'ours/' },
  ])
})
