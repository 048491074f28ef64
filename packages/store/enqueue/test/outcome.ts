import t from 'tap'
import { outcomeOf } from '../src/index.ts'

const table: [number | 'crashed', string][] = [
  ['crashed', 'Zqq crashed (#4.3.0)'],
  [11, 'Denvelope address too long for qq (#5.1.3)'],
  [115, 'Denvelope address too long for qq (#5.1.3)'],
  [31, 'Dmail server permanently rejected message (#5.3.0)'],
  [51, 'Zqq out of memory (#4.3.0)'],
  [52, 'Zqq timeout (#4.3.0)'],
  [53, 'Zqq write error or disk full (#4.3.0)'],
  [54, 'Zqq read error (#4.3.0)'],
  [55, 'Zqq unable to read configuration (#4.3.0)'],
  [56, 'Zqq trouble making network connection (#4.3.0)'],
  [61, 'Zqq trouble in home directory (#4.3.0)'],
  ...[62, 63, 64, 65, 66].map((code): [number, string] => [code, 'Zqq trouble creating files in queue (#4.3.0)']),
  [67, 'Zqq does not listen; start supervise, or queue --listen (#4.3.0)'],
  [71, 'Zmail server temporarily rejected message (#4.3.0)'],
  [72, 'Zconnection to mail server timed out (#4.4.1)'],
  [73, 'Zconnection to mail server rejected (#4.4.1)'],
  [74, 'Zcommunication with mail server failed (#4.4.2)'],
  [81, 'Zqq internal bug (#4.3.0)'],
  [91, 'Zqq internal bug (#4.3.0)'],
  [120, 'Zunable to exec qq (#4.3.0)'],
  ...[12, 30, 32, 40].map((code): [number, string] => [code, 'Dqq permanent problem (#5.3.0)']),
  ...[1, 10, 41, 82, 88, 100, 111, 126, 127, 255].map((code): [number, string] => [code, 'Zqq temporary problem (#4.3.0)']),
]
for (const [code, text] of table) {
  t.test(`the outcome of ${code} is ${text}`, async (t) => {
    t.same(outcomeOf(code, '7'), { verdict: text[0], text: text.slice(1), qp: '7' })
    t.same(
      outcomeOf(code, '7', code === 82 || code === 88 ? 'Dx' : 'Dwhat it said'),
      outcomeOf(code, '7'),
      'its text counts with 82 and 88 only, from three bytes on',
    )
  })
}

t.test('the outcome of 0 is that the message is queued', async (t) => {
  t.same(outcomeOf(0, '7', 'Dx x'), { verdict: 'K', text: '', qp: '7' })
})

t.test('the outcome of 82 and 88 is what queue has said', async (t) => {
  t.same(outcomeOf(88, '7', 'Dno (#5.7.1)'), outcomeOf(82, '7', 'Dno (#5.7.1)'))
  t.same(outcomeOf(82, '7', 'Dno (#5.7.1)'), { verdict: 'D', text: 'no (#5.7.1)', qp: '7' })
  t.same(outcomeOf(82, '7', 'Zlater'), { verdict: 'Z', text: 'later', qp: '7' })
  t.same(outcomeOf(82, '7', 'Kfine'), { verdict: 'Z', text: 'fine', qp: '7' }, 'what is not D is temporary')
})
