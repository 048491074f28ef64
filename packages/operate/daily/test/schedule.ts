/** What is due when. */
import { writeFileSync } from 'node:fs'
import t from 'tap'
import { nextDue, readLines } from '../src/schedule.ts'

process.env['TZ'] = 'Europe/Berlin'
process.chdir(t.testdir({ control: {} }))
const at = (day: number, hour: number, minute: number, month = 5): number => new Date(2026, month, day, hour, minute).getTime()
const set = (text: string): void => writeFileSync('control/daily', text)

t.test('a line is due once a day, at its time', async (t) => {
  set('03:17 dkimkey check\n# no\n23:59\tacme\n')
  const lines = readLines(() => t.fail())()
  const due = (runs: Record<string, number>, now: number) => nextDue(lines, new Map(Object.entries(runs)), now)?.words.join(' ')
  const done = { 'dkimkey check': at(9, 3, 17), acme: at(8, 23, 59) }
  t.equal(due(done, at(9, 3, 18)), undefined)
  t.equal(due(done, at(9, 23, 58)), undefined)
  t.equal(due(done, at(9, 23, 59)), 'acme')
  t.equal(due({ ...done, acme: at(9, 23, 59) }, at(10, 3, 16)), undefined)
  t.equal(due({ ...done, acme: at(9, 23, 59) }, at(10, 3, 17)), 'dkimkey check')
})

t.test('what was missed is due at once, the earliest first; what nobody has seen yet waits', async (t) => {
  set('03:17 a\n23:59 b\n12:00 c\n')
  const lines = readLines(() => t.fail())()
  const due = (runs: [string, number][], now: number) => nextDue(lines, new Map(runs), now)?.words[0]
  const old: [string, number][] = ['a', 'b', 'c'].map((name) => [name, at(1, 0, 0)])
  t.equal(due([], at(9, 13, 0)), undefined)
  t.equal(due(old, at(9, 13, 0)), 'b', 'of the day before')
  t.equal(due([...old, ['b', at(9, 13, 0)]], at(9, 13, 0)), 'a')
  t.equal(due([...old, ['b', at(9, 13, 0)], ['a', at(9, 13, 1)]], at(9, 13, 1)), 'c')
  t.equal(
    due(
      [
        ['b', at(9, 13, 0)],
        ['a', at(9, 13, 1)],
        ['c', at(9, 13, 2)],
      ],
      at(9, 13, 2),
    ),
    undefined,
  )
  t.equal(
    due(
      [
        ['b', at(1, 0, 0)],
        ['a', at(9, 13, 1)],
        ['c', at(9, 13, 2)],
      ],
      at(9, 13, 2),
    ),
    'b',
    'once, however many days it was',
  )
})

t.test('a time that the clock leaves out, or shows twice, comes once', async (t) => {
  set('02:30 a\n')
  const lines = readLines(() => t.fail())()
  for (const [day, month] of [
    [29, 2],
    [25, 9],
  ] as const) {
    let runs = new Map([['a', at(day - 1, 2, 30, month)]])
    let count = 0
    for (let now = at(day, 0, 0, month); now < at(day, 12, 0, month); now += 60_000)
      if (nextDue(lines, runs, now) !== undefined) {
        count += 1
        runs = new Map([['a', now]])
      }
    t.equal(count, 1)
  }
})

t.test('a line that is none leaves the last good reading, and is named once', async (t) => {
  const said: string[] = []
  const read = readLines((line) => said.push(line))
  set('03:17 a --b c\n')
  t.same(read()[0]?.words, ['a', '--b', 'c'])
  for (const bad of ['24:00 a', '3:17 a', '03:17', '03:17 /bin/sh', '03:17 ../x', '03:17 a\x01', 'acme']) {
    set(`${bad}\n`)
    t.equal(read().length, 1)
    t.match(said.pop(), 'control/daily: ', bad)
    read()
    t.same(said, [])
  }
})
