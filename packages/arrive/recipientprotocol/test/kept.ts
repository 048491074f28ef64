import { recipientKeptSeconds, recipientsKept } from '@yabumi/limits'
import t from 'tap'
import { KeptAnswers } from '../src/index.ts'

t.test('an answer is kept for its time, and no longer', (t) => {
  const kept = new KeptAnswers()
  kept.add('joe@x', 'unknown', 5)
  t.equal(kept.find('joe@x', 4 + 1000 * recipientKeptSeconds)?.verdict, 'unknown')
  t.equal(kept.find('joe@x', 5 + 1000 * recipientKeptSeconds), undefined)
  t.equal(kept.find('ann@x', 5), undefined)
  t.end()
})

t.test('so many answers are kept, and one more pushes out the oldest', (t) => {
  const kept = new KeptAnswers()
  for (let n = 0; n < recipientsKept; n += 1) kept.add(`r${n}@x`, 'known', 0)
  kept.add('r0@x', 'unknown', 0)
  t.equal(kept.find('r1@x', 1)?.verdict, 'known')
  kept.add('one more@x', 'known', 0)
  t.equal(kept.find('r1@x', 1), undefined)
  t.equal(kept.find('R0@X', 1)?.verdict, 'unknown', 'what was found anew is young')
  t.end()
})
