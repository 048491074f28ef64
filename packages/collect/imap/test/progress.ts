// Signs of life in a long command (RFC 9585).
import { imapProgressSeconds } from '@yabumi/limits'
import t from 'tap'
import { Progress } from '../src/progress.ts'

t.test('after so long, and not before, and again after so long', async (t) => {
  const progress = new Progress('a"1', 5)
  const limit = 1000 * imapProgressSeconds
  t.equal(progress.line(5 + limit - 1, 1, 9), undefined)
  t.equal(progress.line(5 + limit, 2, 9), '* OK [INPROGRESS ("a\\"1" 2 9)] it goes on\r\n')
  t.equal(progress.line(5 + limit + limit - 1, 3, 9), undefined)
  t.match(progress.line(5 + limit + limit, 4, 9), '4 9)')
})
