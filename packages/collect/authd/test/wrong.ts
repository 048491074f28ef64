import { wrongPasswordLogins, wrongPasswordPauseSeconds, wrongPasswordSeconds, wrongPasswords } from '@yabumi/limits'
import t from 'tap'
import { WrongPasswords } from '../src/wrong.ts'

t.test('after the limit strangers are checked once in a while, and as ever when time has passed', async (t) => {
  const wrong = new WrongPasswords()
  for (let n = 1; n < wrongPasswords; n += 1) t.equal(wrong.add('joe', 0), false)
  t.ok(wrong.mayTry('joe', 1))
  t.equal(wrong.add('joe', 1), true, 'the limit')
  t.notOk(wrong.mayTry('joe', 2))
  t.same([wrong.areMany('joe', 2), wrong.areMany('ann', 2), wrong.areMany('joe', 1000 * wrongPasswordSeconds)], [true, false, false])
  const later = 1 + 1000 * wrongPasswordPauseSeconds
  t.ok(wrong.mayTry('joe', later))
  t.notOk(wrong.mayTry('joe', later + 1), 'one, not two')
  t.ok(wrong.mayTry('ann', 2), 'nobody else is concerned')
  t.ok(wrong.mayTry('joe', 1000 * wrongPasswordSeconds))
  t.equal(wrong.add('joe', 1000 * wrongPasswordSeconds), false, 'counted anew')
})

t.test('so many logins are counted, and one more pushes out the oldest', async (t) => {
  const wrong = new WrongPasswords()
  for (let n = 0; n < wrongPasswords; n += 1) wrong.add('joe', 0)
  for (let n = 1; n < wrongPasswordLogins; n += 1) wrong.add(`other ${n}`, 0)
  t.notOk(wrong.mayTry('joe', 1))
  wrong.add('one more', 0)
  t.ok(wrong.mayTry('joe', 1))
})
