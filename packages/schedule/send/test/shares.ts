/** Who gets a slot of a channel, and whose turn is next: by counts, and with a clock of the test's own. */
import { noFacts } from '@yabumi/facts'
import t from 'tap'
import type { Attempt, Verdict } from '../src/try/attempt.ts'
import { Line } from '../src/try/line.ts'
import { Shares, type Sizes } from '../src/try/shares.ts'

const sizes: Sizes = { slots: 10, slow: 10, mostOfOne: 0, shared: true, remote: false }

/** A channel whose holders are what stands before the @, and a line of words that wait for it. */
function channel(changed: Partial<Sizes> = {}) {
  const clock = { now: 0 }
  const shares = new Shares({ ...sizes, ...changed }, nameOf, () => clock.now)
  const line = new Line<string>(
    (name) => shares.rankOf(name),
    () => true,
  )
  shares.lines = [line]
  const start = (name: string, doubtful = false): Started => {
    let back = 0
    const { attempt, newcomer } = shares.track({
      id: '1',
      sender: '',
      recipient: `${name}@x.test`,
      facts: noFacts,
      dying: false,
      doubtful,
      ended: () => undefined,
      givenBack: () => {
        back += 1
      },
    })
    return { attempt, newcomer, end: (verdict = 'success') => attempt.ended(verdict, ''), back: () => back }
  }
  const take = (): string | undefined => {
    const next = shares.next(line)
    return next && line.take(next)
  }
  /** Starts as many as there is room for. */
  const fill = (name: string, doubtful = false): Started[] => {
    const started: Started[] = []
    while (shares.admits(name, doubtful)) started.push(start(name, doubtful))
    return started
  }
  return { shares, line, clock, start, take, fill }
}

interface Started {
  readonly attempt: Attempt
  readonly newcomer: boolean
  end(verdict?: Verdict): void
  back(): number
}

function nameOf(recipient: string): string {
  return recipient.slice(0, recipient.indexOf('@'))
}

t.test('one user gets all slots but a fifth, at least two, and another one gets those', async (t) => {
  for (const [slots, most] of [
    [10, 8],
    [3, 1],
    [20, 16],
    [100, 80],
    [1, 1],
    [2, 1],
  ] as const) {
    const { shares, fill, start } = channel({ slots })
    t.equal(fill('ann').length, most, `of ${slots}`)
    t.equal(shares.admits('bob', false), slots > 1)
    if (slots === 1) continue
    t.equal(start('bob').newcomer, true)
    t.notOk(shares.admits('bob', false), 'the last ones are for who holds none')
    t.equal(shares.admits('eve', false), slots > most + 1)
  }
})

t.test('who holds fewest goes first, then who has waited longest, and of his own the oldest', async (t) => {
  const { line, start, take, fill } = channel()
  start('ann')
  start('ann')
  start('bob')
  for (const word of ['ann1', 'ann2', 'bob1', 'eve1', 'joe1', 'eve2']) line.add(word, word.slice(0, 3), false)
  t.equal(take(), 'eve1')
  start('eve')
  t.equal(take(), 'joe1')
  const joe = start('joe')
  t.equal(take(), 'bob1')
  start('bob')
  t.equal(take(), 'eve2')
  start('eve')
  t.equal(take(), 'ann1')
  joe.end()
  line.add('joe2', 'joe', false)
  t.equal(take(), 'joe2', 'who holds none any more')
  fill('ann')
  t.equal(take(), undefined)
  t.notOk(line.isEmpty)
})

t.test('what has run for a minute makes room, but for a fifth of the second slots only', async (t) => {
  const { shares, clock, fill, start } = channel()
  const first = fill('ann')
  clock.now = 59_999
  shares.settle()
  t.equal(shares.heldBy('ann'), 8)
  clock.now = 61_000
  shares.settle()
  t.equal(shares.heldBy('ann'), 6, 'two are in the second set')
  t.equal(fill('ann').length, 2)
  clock.now = 200_000
  shares.settle()
  t.equal(shares.heldBy('ann'), 8)
  start('bob')
  clock.now = 261_000
  shares.settle()
  t.equal(shares.heldBy('bob'), 0, 'another one has a fifth of his own')
  first[0]?.end()
  clock.now += 1_000
  shares.settle()
  t.equal(shares.heldBy('ann'), 7, 'the next of ann follows')
})

t.test('the second set is no larger than it is said to be, and where there is none the slow ones stay', async (t) => {
  const many = channel({ slots: 20, slow: 10 })
  for (let n = 0; n < 20; n += 1) many.start(`u${n}`)
  many.clock.now = 61_000
  many.shares.settle()
  t.equal([...Array(20).keys()].filter((n) => many.shares.heldBy(`u${n}`) === 0).length, 10)
  const none = channel({ slow: 0 })
  none.fill('ann')
  none.clock.now = 61_000
  none.shares.settle()
  t.equal(none.shares.heldBy('ann'), 8)
})

t.test('bounces and what strangers send through here have half of the slots, and half of the second ones', async (t) => {
  const { shares, clock, fill, start } = channel({ slots: 20, slow: 20, remote: true })
  for (let n = 0; n < 9; n += 1) start(`d${n}`, true)
  t.ok(shares.admits('new', true))
  start('d9', true)
  t.notOk(shares.admits('new', true), 'half')
  t.ok(shares.admits('new', false))
  clock.now = 61_000
  shares.settle()
  t.equal(fill('x', true).length, 10, 'they have moved')
  clock.now = 122_000
  shares.settle()
  t.equal(shares.heldBy('x'), 10, 'the second set has its half')
  t.equal(channel({ slots: 1, remote: true }).fill('x', true).length, 1, 'one is anybody’s')
})

t.test('with shares at 0 nobody is held back', async (t) => {
  const { shares, fill } = channel({ shared: false, remote: true, slots: 20 })
  t.equal(fill('x', true).length, 20)
  t.notOk(shares.hasRoom)
})

t.test('a newcomer that is given back counts as one that holds some, for a minute', async (t) => {
  const { shares, line, clock, start, fill, take } = channel({ slots: 20, remote: true })
  const others = fill('big')
  t.equal(others.length, 16)
  const newcomer = start('small')
  t.ok(newcomer.newcomer)
  newcomer.attempt.givenBack()
  t.equal(newcomer.back(), 1)
  t.notOk(shares.admits('small', false))
  line.add('small1', 'small', false)
  t.equal(take(), undefined)
  others[0]?.end('deferral')
  t.equal(take(), 'small1', 'before the last ones it gets its turn')
  line.add('small2', 'small', false)
  fill('big')
  t.equal(take(), undefined)
  clock.now = 60_001
  shares.settle()
  t.equal(take(), 'small2')
})

t.test('after a newcomer is given back the last slots rest for 20 ms, and the others do not', async (t) => {
  const { shares, line, clock, start, fill, take } = channel({ slots: 20, remote: true })
  const others = fill('big')
  start('small').attempt.givenBack()
  line.add('new1', 'new', false)
  t.notOk(shares.hasRoom)
  t.notOk(shares.admits('new', false))
  t.equal(take(), undefined)
  t.equal(shares.settlesIn, 20, 'somebody looks again')
  others[0]?.end('deferral')
  t.ok(shares.admits('new', false))
  start('big')
  clock.now = 19.9
  t.equal(take(), undefined)
  clock.now = 20
  t.ok(shares.settlesIn >= 1_000)
  t.equal(take(), 'new1')
})

t.test('behind a thousand domains of one network another one gets its slot within ten seconds', async (t) => {
  const { line, clock, shares, start, fill, take } = channel({ slots: 10, remote: true })
  fill('big')
  for (let n = 0; n < 1_000; n += 1) line.add(`d${n}`, `d${n}`, false)
  line.add('new', 'new', false)
  for (;;) {
    const tried = [take(), take()].filter((name) => name !== undefined)
    if (tried.includes('new')) break
    const started = tried.map((name) => start(name))
    for (const { attempt } of started) attempt.givenBack()
    clock.now += shares.settlesIn
  }
  t.ok(clock.now <= 10_000, `${clock.now}`)
})

t.test('a destination that stops answering shares the room of those that have never answered', async (t) => {
  const { shares, line, clock, start, take } = channel({ slots: 40, remote: true })
  const running = Array.from({ length: 20 }, () => start('x'))
  running[0]?.end()
  t.ok(shares.admits('x', false))
  for (let count = 0; count < 11; count += 1) start(`never${count}`)
  t.notOk(shares.admits('new', false), 'a quarter is for those that answer')
  t.ok(shares.admits('x', false))
  clock.now = 5_000
  t.notOk(shares.admits('x', false), 'x keeps all its deliveries waiting')
  line.add('7', 'x', false)
  t.equal(take(), undefined)
  running[1]?.end()
  t.equal(take(), '7', 'x is heard of again')
  clock.now = 20_000
  start('never')
  t.notOk(shares.admits('new', false))
  line.add('8', 'new', false)
  t.equal(take(), undefined)
  running[2]?.end('deferral')
  t.equal(take(), '8', 'a stranger has ended')
})

t.test('a destination that nobody has tried goes before those that kept us waiting', async (t) => {
  const { shares, line, clock, start, take } = channel({ slots: 8, remote: true })
  const silent = start('silent')
  clock.now = 6_000
  silent.end('deferral')
  line.add('silent1', 'silent', false)
  line.add('new1', 'new', false)
  t.equal(take(), 'new1')
  t.equal(take(), 'silent1')
  for (let n = 0; n < 6; n += 1) start(`u${n}`)
  t.notOk(shares.admits('silent', false), 'it does not get one of the last slots')
  t.ok(shares.admits('new', false))
})

t.test('of 100,000 that wait for one holder and one for another, the other is found, and nothing is forgotten', async (t) => {
  const { line, start, take, fill } = channel()
  for (let n = 0; n < 100_000; n += 1) line.add(`ann${n}`, 'ann', false)
  line.add('bob', 'bob', false)
  t.equal(take(), 'ann0')
  start('ann')
  t.equal(take(), 'bob')
  fill('ann')
  t.equal(take(), undefined)
  t.same(line.census(), { all: 99_999, name: 'ann', count: 99_999 })
  t.equal(line.takeAll((word) => word.endsWith('7')).length, 10_000)
  t.same(line.census(), { all: 89_999, name: 'ann', count: 89_999 })
})
