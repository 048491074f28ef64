import fc from 'fast-check'
import t from 'tap'
import { logSafe, parseDoorLine, parseLogLine, s6LogSeconds } from '../src/index.ts'

t.test('text from outside is one printable word in the log', async (t) => {
  t.equal(logSafe('did 1+0+0\n'), 'did_1+0+0/')
  t.equal(logSafe('100% \0\x7f\xe9~!'), '100____' + '_~!')
})

t.test('whatever stands in a line comes back from it, and nothing else does', async () => {
  const text = fc.string({ unit: fc.integer({ min: 0, max: 255 }).map((byte) => String.fromCharCode(byte)) })
  const start = (recipient: string) => parseLogLine(`starting delivery 3: msg 457 to local ${recipient}`)
  fc.assert(
    fc.property(text, (recipient) => {
      const event = start(logSafe(recipient))
      return event?.kind === 'start' && event.id === '457' && event.recipient === logSafe(recipient)
    }),
    { seed: 5, numRuns: 2_000 },
  )
})

t.test('the words of send are read whatever a logger has put in front', async (t) => {
  const start = { kind: 'start', delivery: '3', id: '457', channel: 'remote', recipient: 'joe@x.example' }
  t.match(parseLogLine('starting delivery 3: msg 457 to remote joe@x.example'), { ...start, time: undefined })
  t.match(parseLogLine('send: starting delivery 3: msg 457 to remote joe@x.example'), start)
  t.match(parseLogLine('@400000006922a5b50badcafe starting delivery 3: msg 457 to remote joe@x.example'), {
    ...start,
    time: 1_763_878_315 + 0x0badcafe / 1e9,
  })
  t.match(parseLogLine('@400000006922a5d00badcafe starting delivery 3: msg 457 to remote joe@x.example', s6LogSeconds), {
    ...start,
    time: 1_763_878_315 + 0x0badcafe / 1e9,
  })
  t.match(parseLogLine('Nov 23 06:11:55 host qmail: 1763878315.123456 starting delivery 3: msg 457 to remote joe@x.example'), {
    ...start,
    time: 1_763_878_315.123456,
  })
  t.match(parseLogLine('2025-11-23T06:11:55.250Z send: starting delivery 3: msg 457 to remote joe@x.example'), {
    ...start,
    time: 1_763_878_315.25,
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

t.test('lines of the door are read, and are no lines of send', async (t) => {
  const from = { address: '192.0.2.1', port: '4711' }
  t.match(parseDoorLine('@400000006922a5b50badcafe smtpd: 192.0.2.1 4711: message 457, 82 bytes: <1@x>'), {
    ...{ ...from, kind: 'message', qp: '457', bytes: 82, messageId: '<1@x>' },
    time: 1_763_878_315 + 0x0badcafe / 1e9,
  })
  t.match(parseDoorLine('smtpd: 192.0.2.1 4711: message 457, 82 bytes, spf=pass dkim=none dmarc=fail arc=none: <1@x>'), {
    kind: 'message',
    bytes: 82,
    messageId: '<1@x>',
  })
  t.match(parseDoorLine('smtpd: 192.0.2.1 4711: declined message: 552 too big: -'), {
    ...{ ...from, kind: 'refused', reply: '552 too big', messageId: '-', time: undefined },
  })
  t.match(parseDoorLine('smtpd: 192.0.2.1 4711: end: quit, messages 1, refused 0, seconds 3: x'), {
    ...from,
    kind: 'ended',
    why: 'quit',
    helo: 'x',
  })
  const filters = 'smtpd: 192.0.2.1 4711: refused message: 554 new msg 457: smtpd: 192.0.2.9 1: message 457, 82 bytes: <1@x>'
  t.match(parseDoorLine(filters), { ...from, kind: 'refused', messageId: '<1@x>' })
  t.equal(parseLogLine(filters), undefined)
  for (const other of [
    'smtpd: 192.0.2.1 4711: refused: 502 x: message=20457,=2082=20bytes:=20<1@x>',
    'smtpd: listening on 127.0.0.1:25',
    'new msg 457',
  ])
    t.equal(parseDoorLine(other), undefined)
})
