import { spawnSync } from 'node:child_process'
import { utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { ScratchHome } from '../../../../test/support/home.ts'
import { until } from '../../../../test/support/wait.ts'
import { bin, environmentOf, scratchHome } from '../../../store/queue/test/support/scratch.ts'
import type { Facts } from '../src/facts.ts'
import { type AllBounds, verdictOf } from '../src/verdict.ts'

function health(home: string, ...args: string[]): { status: number | null; line: string } {
  const { status, stdout } = spawnSync(join(bin, 'health'), args, { env: environmentOf(home), encoding: 'utf8' })
  return { status, line: stdout }
}

const bounds: AllBounds = { messages: [10, 20], oldest: [100, 200], waiting: [100, 200], room: [10, 3], certificate: [14, 3] }
const now = 1_796_100_000
const well: Facts = { messages: 0, oldest: undefined, waiting: undefined, room: 50, sendRuns: true, queueAnswers: true, certificates: [] }

t.test('each figure has a bound for a warning and one where it is critical', async (t) => {
  const level = (facts: Partial<Facts>): number => verdictOf({ ...well, ...facts }, bounds, now).level
  const ends = (days: number): Partial<Facts> => ({
    certificates: [{ path: 'control/servercert.pem', expires: (now + days * 86_400) * 1000 }],
  })
  t.equal(level({}), 0)
  t.same(
    [9, 10, 19, 20].map((messages) => level({ messages })),
    [0, 1, 1, 2],
  )
  t.same(
    [99, 100, 199, 200].map((age) => level({ oldest: now - age })),
    [0, 1, 1, 2],
  )
  t.same(
    [99, 100, 199, 200].map((age) => level({ waiting: now - age })),
    [0, 1, 1, 2],
  )
  t.same(
    [10.1, 10, 3.1, 3].map((room) => level({ room })),
    [0, 1, 1, 2],
  )
  t.same(
    [15, 14, 4, 3, -1].map((days) => level(ends(days))),
    [0, 1, 1, 2, 2],
  )
  t.equal(level({ certificates: [{ path: 'control/servercert.pem', expires: undefined, trouble: 'it is no file' }] }), 1)
  t.same([level({ sendRuns: false }), level({ queueAnswers: false })], [2, 2])
})

t.test('the worst comes first, and the figures are there whatever is wrong', async (t) => {
  const facts: Facts = { ...well, messages: 12, oldest: now - 7300, sendRuns: false }
  t.same(verdictOf(facts, { ...bounds, oldest: [7200, 9000] }, now), {
    level: 2,
    line:
      'CRITICAL: send does not run; 12 messages are in the queue; the oldest message came 2 hours ago' +
      ' | messages=12;10;20;0 oldest=7300s;7200;9000;0 waiting=0s;100;200;0 room=50%;10:;3:;0',
  })
})

t.test('a home in which nothing runs is critical, one that cannot be looked at unknown', async (t) => {
  const home = scratchHome(t)
  writeFileSync(join(home, 'queue/todo/23'), 'u0\0p1\0Fa@example.org\0Tb@example.org\0\0')
  utimesSync(join(home, 'queue/todo/23'), Date.now() / 1000 - 7200, Date.now() / 1000 - 7200)
  const { status, line } = health(home)
  t.equal(status, 2)
  t.match(
    line,
    /^CRITICAL: send does not run; queue takes no mail; send has not taken up a message of 2 hours ago \| messages=1;1000;10000;0 oldest=72\d\ds;/,
  )
  t.equal(line.split('\n').length, 2, 'one line')
  t.match(health(join(home, 'elsewhere')), { status: 3, line: /^UNKNOWN: unable to switch to home directory / })
  for (const args of [['--messages', '5'], ['--nothing'], ['word']])
    t.same(health(home, ...args), { status: 100, line: '' }, args.join(' '))
})

t.test('a home that runs is well', async (t) => {
  const home = await ScratchHome.make(t, 'joe')
  await home.supervise()
  const ask = async (...args: string[]) => {
    const { exitCode, stdout } = await home.run('health', args, { reject: false })
    return { status: exitCode, line: stdout.toString() }
  }
  const line = await until('it is well', async () => {
    const { status, line } = await ask('--room', '0,0')
    return status === 0 && line
  })
  const usual = 'messages=0;1000;10000;0 oldest=0s;86400;432000;0 waiting=0s;300;3600;0'
  t.match(line, new RegExp(`^OK: 0 messages \\| ${usual} room=[\\d.]+%;0:;0:;0 certificate=\\d+d;14:;3:;0\n?$`))
  t.match(await ask('--certificate', '99999,0', '--room', '0,0'), {
    status: 1,
    line: /^WARNING: control\/servercert\.pem ends in \d+ days \| /,
  })
})
