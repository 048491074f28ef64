import { smtpEnvelopeBytes } from '@yabumi/limits'
import t from 'tap'
import { Transaction } from '../src/transaction.ts'

t.test('a transaction has room for so many recipients and no more', async (t) => {
  const transaction = new Transaction('s', false)
  t.same([transaction.add('a', 2), transaction.add('b', 2), transaction.add('c', 2)], [true, true, false])
  t.same(transaction.recipients, ['a', 'b'])
  transaction.release()
})

t.test('a recipient that comes behind the end of its transaction takes no room from others', async (t) => {
  const large = 'r'.repeat(1 << 20)
  for (let round = 0; round < (2 * smtpEnvelopeBytes) / large.length; round += 1) {
    const gone = new Transaction('s', false)
    gone.release()
    t.equal(gone.add(large, 10), false)
  }
  t.equal(new Transaction('s', false).add(large, 10), true)
})
