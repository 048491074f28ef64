import t from 'tap'
import { askedTime, heldUntil, holdAsked, isHeld, nextRetry, retryAsked } from '../src/index.ts'

const [local, remote] = ['local', 'remote'] as const
const birth = 1_700_000_000

/** The ages at which a message is tried that fails at once each time. */
function ages(channel: 'local' | 'remote', count: number): number[] {
  const found: number[] = []
  for (let age = 0; found.length < count; age = nextRetry(birth, birth + age, channel) - birth) found.push(age)
  return found
}

t.test('a remote message is tried at the squares of 20 seconds', async (t) => {
  t.same(ages(remote, 8), [0, 400, 1600, 3600, 6400, 10_000, 14_400, 19_600])
})

t.test('a local message is tried at the squares of 10 seconds', async (t) => {
  t.same(ages(local, 8), [0, 100, 400, 900, 1600, 2500, 3600, 4900])
})

t.test('an attempt that comes late moves the next one', async (t) => {
  t.equal(nextRetry(birth, birth + 450, remote) - birth, 41 ** 2)
  t.equal(nextRetry(birth, birth + 99, local) - birth, 19 ** 2)
})

t.test('E1: a message from the future counts as new', async (t) => {
  t.equal(nextRetry(birth, birth - 5_000, local) - birth, 100)
})

t.test('the root of an age stops at 16 bits', async (t) => {
  t.equal(nextRetry(0, 5_000_000_000, remote), (65_535 + 20) ** 2)
})

t.test('marks ask for what they say, and times of attempts ask for nothing', async (t) => {
  const now = birth + 5
  t.equal(askedTime(holdAsked, now), heldUntil)
  t.equal(askedTime(heldUntil, now), heldUntil)
  t.equal(askedTime(retryAsked, now), now)
  t.equal(askedTime(birth, now), undefined)
  t.same([isHeld(holdAsked), isHeld(heldUntil), isHeld(birth)], [true, true, false])
})
