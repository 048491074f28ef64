/** A host whose replies do not fit what it is asked is out of step: the message is not handed over, and nobody's mail bounces. */
import t from 'tap'
import { answers, answersBut, attempt, body, head, makeHome } from './support/attempt.ts'

makeHome(t)

const outOfStep = /^ZConnected to 127\.0\.0\.1 but it is out of step: .*\. \(#4\.5\.0\)\n/
const maybeTwice = /^ZConnected to 127\.0\.0\.1 but it is out of step: .*\. Possible duplicate! \(#4\.5\.0\)\n/

t.test('A1: one reply line too many, anywhere, and the message stays here', async (t) => {
  for (const [at, name, reply] of [
    [0, 'the greeting', '220 host\r\n220 host again\r\n'],
    [1, 'HELO', '250 hello\r\n250 and hello\r\n'],
    [2, 'MAIL', '250 sender\r\n250 sender ok\r\n'],
    [3, 'RCPT', '250 recipient\r\n250 recipient ok\r\n'],
    [3, 'RCPT, of DATA', '250 recipient\r\n354 go\r\n'],
    [4, 'DATA', '354 go\r\n250 ok\r\n'],
    [4, 'DATA, a refusal', '354 go\r\n554 no\r\n'],
    [4, 'DATA, a beginning', '354 go\r\n250-'],
  ] as const) {
    const { reports, wires } = await attempt(t, answersBut(at, reply))
    t.match(reports.at(-1), outOfStep, `after ${name}`)
    t.equal(
      wires[0],
      `${head}DATA\r\n`
        .split('\r\n')
        .slice(0, at)
        .map((line) => `${line}\r\n`)
        .join(''),
      `after ${name} nothing is said any more`,
    )
  }
})

t.test('A1: one that comes late is found when DATA is not answered by 354', async (t) => {
  // each reply is taken for that to the next command, and at last 554 to the dot for nothing
  const { reports, wires } = await attempt(
    t,
    answers('220 host', '250 hello', '250 more', '250 sender', '250 recipient', '354 go', '554 no'),
  )
  t.match(reports, [outOfStep])
  t.equal(wires[0], `${head}DATA\r\n`)
})

t.test('A1: a recipient is not refused with the answer to another', async (t) => {
  // one too many after MAIL: each recipient is shown the answer to the one before, and DATA that to the last
  const recipients = ['unknown@h.example', 'known@h.example']
  for (const replies of [
    ['250 more', '550 unknown', '250 known'],
    ['250 more', '250 known', '550 unknown', '354 go'],
    ['250 more', '550 unknown', '450 known, later', '503 nobody'],
    ['250 more', '250 known', '550 unknown', '451 not now'],
  ]) {
    const { reports } = await attempt(t, answers('220 host', '250 hello', '250 sender', ...replies), { recipients })
    t.match(reports, [outOfStep])
    recipients.reverse()
  }
})

t.test('A2: the message goes out after 354 only', async (t) => {
  for (const reply of [
    '250 reset',
    '200 ok',
    '220 host',
    '299 x',
    '350 y',
    '353 z',
    '355 go',
    '399 y',
    '100 wait',
    '000',
    '654 go',
    '999 x',
  ]) {
    const { reports, wires } = await attempt(t, answersBut(4, reply))
    t.match(reports, [outOfStep], reply)
    t.equal(wires[0], `${head}DATA\r\n`, reply)
  }
})

t.test('A3: the message is accepted by 2xx only', async (t) => {
  for (const reply of ['354 go', '300 x', '000', '150 wait', '199', '600 x', '999 z']) {
    t.match((await attempt(t, answersBut(5, reply))).reports, ['r', maybeTwice], reply)
  }
  for (const reply of ['250 ok', '251 forwarded', '200', '299\tx']) {
    t.match((await attempt(t, answersBut(5, reply))).reports, ['r', /^K/], reply)
  }
})

t.test('sender and recipients are accepted by 2xx, and refused by 4xx and 5xx only', async (t) => {
  for (const [at, name] of [
    [2, 'MAIL'],
    [3, 'RCPT'],
  ] as const) {
    for (const reply of ['354 go', '100 wait', '150 x', '000', '300 x', '600 x', '999 x'])
      t.match((await attempt(t, answersBut(at, reply))).reports, [outOfStep], `${name}: ${reply}`)
  }
})

t.test('A9: a reply whose codes differ is no reply', async (t) => {
  for (const at of [1, 2, 3, 4]) t.match((await attempt(t, answersBut(at, '250-ok\r\n550 no\r\n'))).reports, [outOfStep], `reply ${at}`)
  for (const reply of ['250-ok\r\n550 no\r\n', '550-no\r\n250 ok\r\n', '250-ok\r\n251 ok\r\n'])
    t.match((await attempt(t, answersBut(5, reply))).reports, ['r', maybeTwice], reply)
})

t.test('a line that is no reply is none, wherever it stands', async (t) => {
  for (const line of ['Welcome!', '', '25 ok', '2500 ok', ' 250 ok', '250ok', '2\x000 ok', 'x'.repeat(5_000)]) {
    for (const at of [0, 1, 2, 3, 4]) {
      t.match(
        (await attempt(t, answersBut(at, `${line}\r\n${['220', '250', '250', '250', '354'][at]} ok\r\n`))).reports,
        [outOfStep],
        `${at}: ${line.slice(0, 20)}`,
      )
    }
    t.match((await attempt(t, answersBut(5, `${line}\r\n250 ok\r\n`))).reports, ['r', maybeTwice], line.slice(0, 20))
  }
})

t.test('two answers to the message that differ are none; what agrees, takes leave or is no reply changes nothing', async (t) => {
  const verdict = async (replies: string) => (await attempt(t, answersBut(5, replies))).reports
  for (const replies of ['250 ok\r\n554 no\r\n', '554 no\r\n250 ok\r\n', '250 ok\r\n451 later\r\n', '554 no\r\n354 go\r\n'])
    t.match(await verdict(replies), ['r', maybeTwice], replies)
  for (const more of ['250 taken\r\n', '221 bye\r\n', '421 bye\r\n', 'see you\r\n', '25'])
    t.match(await verdict(`250 ok\r\n${more}`), ['r', /^K127\.0\.0\.1 accepted message\.\nRemote host said: 250 ok\n$/], more)
  for (const more of ['554 really\r\n', '221 bye\r\n', 'see https://host.example/why\r\n'])
    t.match(await verdict(`554 no\r\n${more}`), ['r', 'D127.0.0.1 failed after I sent the message.\nRemote host said: 554 no\n'], more)
})

t.test('replies in any pieces are replies', async (t) => {
  const { reports, wires } = await attempt(t, async (host) => {
    const say = async (reply: string): Promise<void> => {
      for (const byte of reply) {
        host.say(byte)
        await new Promise((resolve) => setImmediate(resolve))
      }
    }
    for (const reply of ['220-a\r\n220 b\r\n', '250-x\r\n250\r\n', '250 ok\r\n', '250 ok\r\n', '354-\r\n354 go\r\n']) {
      await say(reply)
      if (reply !== '354-\r\n354 go\r\n') await host.line()
    }
    await host.data()
    await say('250-a\r\n250 ok\r\n')
    await host.closed()
  })
  t.match(reports, ['r', /^K.*\n.*250-a\n250 ok\n$/])
  t.equal(wires[0], `${head}DATA\r\n${body}QUIT\r\n`)
})

t.test('A4: 421 that nothing asked for is no answer to anything: the host is closing', async (t) => {
  const closing = 'ZConnected to 127.0.0.1 but it is closing.\nRemote host said: 421 too busy\n'
  for (const [at, reply, reports] of [
    [0, '220 host', [closing]],
    [1, '250 hello', [closing]],
    [2, '250 sender', [closing]],
    [3, '250 recipient', ['r', closing]],
    [4, '354 go', ['r', closing]],
  ] as const)
    t.same((await attempt(t, answersBut(at, `${reply}\r\n421 too busy\r\n`))).reports, reports, reply)
})

t.test('after 421 nothing is said but QUIT, and nobody bounces whom the host was not asked about', async (t) => {
  const recipients = ['a@h.example', 'b@h.example', 'c@h.example']
  for (const [replies, first] of [
    [['250 a', '421 closing'], 'r'],
    [['550 a', '421 closing'], /^h/],
    [['421 closing'], /^s/],
  ] as const) {
    const { reports, wires } = await attempt(t, answers('220 host', '250 hello', '250 sender', ...replies), { recipients })
    t.match(reports[0], first)
    t.match(reports.at(-2), /^s127.0.0.1 does not like recipient.\nRemote host said: 421 closing\n/)
    t.equal(reports.at(-1), 'ZConnected to 127.0.0.1 but it is closing.\nRemote host said: 421 closing\n')
    t.notMatch(wires[0], /c@h|DATA/)
    t.ok(wires[0]?.endsWith('>\r\nQUIT\r\n'))
  }
})
