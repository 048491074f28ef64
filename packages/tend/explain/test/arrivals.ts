/** Which message of those that had a number is the one that a line of the door tells of. */
import t from 'tap'
import { type Arrival, Door, lifeOf } from '../src/arrivals.ts'
import { History } from '../src/history.ts'

const stamp = (seconds: number): string => `${new Date(1_780_000_000_000 + seconds * 1000).toISOString()} `
const lived = (id: string, seconds: number, bytes: number, qp = id): string[] => [
  `${stamp(seconds)}send: new msg ${id}`,
  `${stamp(seconds)}send: info msg ${id}: bytes ${bytes} from <s@x> qp ${qp} uid 1`,
  `${stamp(seconds)}send: starting delivery ${seconds}: msg ${id} to local at${seconds}@x`,
  `${stamp(seconds)}send: delivery ${seconds}: success: did_1+0+0/`,
  `${stamp(seconds)}send: end msg ${id}`,
]
const came = (seconds: number, qp: string, bytes: number, id: string): string =>
  `${stamp(seconds)}smtpd: 192.0.2.1 ${seconds}: message ${qp}, ${bytes} bytes: ${id}`

/** The recipient of the message with this Message-ID. */
function found(lines: readonly string[], messageId: string): (string | undefined)[] {
  const door = new Door(messageId)
  for (const line of lines) door.take(line)
  const history = new History(door.arrivals.map(({ qp }) => qp))
  for (const line of lines) history.take(line)
  return door.arrivals.map((arrival: Arrival) => lifeOf(arrival, history.lives)?.attempts[0]?.recipient)
}

t.test('of messages with one number the one of its time is meant', async (t) => {
  const lines = [came(10, '457', 100, '<1@x>'), ...lived('457', 10, 160), came(100, '457', 100, '<2@x>'), ...lived('457', 100, 160)]
  t.same(found(lines, '<1@x>'), ['at10@x'])
  t.same(found(lines, '<2@x>'), ['at100@x'])
})

t.test('the same Message-ID twice is two messages', async (t) => {
  const lines = [came(10, '457', 100, '<1@x>'), ...lived('457', 10, 160), came(100, '457', 100, '<1@x>'), ...lived('457', 100, 160)]
  t.same(found(lines, '<1@x>'), ['at10@x', 'at100@x'])
})

t.test('of messages of one moment the one with as many bytes is meant', async (t) => {
  const lines = [...lived('457', 10, 160), ...lived('457', 11, 990), came(11, '457', 100, '<1@x>')]
  t.same(found(lines, '<1@x>'), ['at10@x'])
})

t.test('a message that send took up long after is found, and one of before is not it', async (t) => {
  t.same(found([...lived('457', 10, 160), came(100, '457', 100, '<1@x>'), ...lived('457', 5_000, 160)], '<1@x>'), ['at5000@x'])
  t.same(found([...lived('457', 10, 160), came(100, '457', 100, '<1@x>')], '<1@x>'), [undefined])
})

t.test('a queue that was run as a program has said its process number', async (t) => {
  const lines = [
    ...lived('77', 9, 160, '3000'),
    came(10, '4242', 100, '<1@x>'),
    ...lived('77', 10, 160, '4242'),
    ...lived('4242', 10, 160, '9'),
  ]
  t.same(found(lines, '<1@x>'), ['at10@x'])
})

t.test('without times the last message with the number is meant', async (t) => {
  const plain = (line: string): string => line.slice(stamp(0).length)
  const lines = [...lived('457', 10, 160), ...lived('457', 100, 160), came(100, '457', 100, '<1@x>')].map(plain)
  t.same(found(lines, '<1@x>'), ['at100@x'])
})
