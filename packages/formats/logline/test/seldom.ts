import { Seldom } from '@yabumi/logline'
import t from 'tap'

t.test('a kind of line is written once a minute, another kind at once', async (t) => {
  const lines: string[] = []
  const seldom = new Seldom((line) => lines.push(line))
  for (const now of [0, 1_000, 59_999]) seldom.say('a', `a at ${now}`, now)
  seldom.say('b', 'b at 59999', 59_999)
  seldom.say('a', 'a at 60000', 60_000)
  t.same(lines, ['a at 0', 'b at 59999', 'a at 60000'])
})
