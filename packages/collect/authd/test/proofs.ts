import { loginProofSeconds, loginProofs } from '@yabumi/limits'
import t from 'tap'
import { Proofs } from '../src/proofs.ts'

t.test('what was right is right again for a while, for the same password of the same line only', async (t) => {
  const proofs = new Proofs()
  proofs.add('joe', 'secret', 'joe:h1', 0)
  const end = 1000 * loginProofSeconds
  t.ok(proofs.isProven('joe', 'secret', 'joe:h1', end - 1))
  t.notOk(proofs.isProven('joe', 'secret', 'joe:h1', end))
  t.notOk(proofs.isProven('joe', 'secret', 'joe:h2', 1), 'a changed password')
  t.notOk(proofs.isProven('joe', 'Secret', 'joe:h1', 1))
  t.notOk(proofs.isProven('ann', 'secret', 'joe:h1', 1))
  t.notOk(proofs.isProven('jo', 'e\0secret', 'joe:h1', 1))
})

t.test('the limit is kept, and one more pushes out the oldest', async (t) => {
  const proofs = new Proofs()
  for (let n = 0; n < loginProofs; n += 1) proofs.add(`joe${n}`, 'secret', 'line', 0)
  t.ok(proofs.isProven('joe0', 'secret', 'line', 1))
  proofs.add('one more', 'secret', 'line', 0)
  t.notOk(proofs.isProven('joe0', 'secret', 'line', 1))
  t.ok(proofs.isProven('joe1', 'secret', 'line', 1))
})

t.test('nothing that it holds is a password', async (t) => {
  const proofs = new Proofs()
  proofs.add('joe', 'a secret of some length', 'line', 0)
  t.notMatch(JSON.stringify(Object.entries(proofs)), 'secret')
})
