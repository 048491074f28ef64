import { dnsAnswerSeconds, dnsAnswers } from '@yabumi/limits'
import t from 'tap'
import { Cache } from '../src/cache.ts'

t.test('an answer is there until its time is up, an hour at most', async (t) => {
  let now = 0
  const cache = new Cache<string>(() => now)
  cache.keep('short', 'a', 10)
  cache.keep('long', 'b', 86_400)
  cache.keep('never', 'c', 0)
  t.equal(cache.get('never'), undefined)
  now = 9_999
  t.equal(cache.get('short'), 'a')
  now = 10_000
  t.equal(cache.get('short'), undefined)
  now = dnsAnswerSeconds * 1000 - 1
  t.equal(cache.get('long'), 'b')
  now += 1
  t.equal(cache.get('long'), undefined)
})

t.test('one answer too many has the oldest go', async (t) => {
  const cache = new Cache<number>()
  for (let i = 0; i <= dnsAnswers; i += 1) cache.keep(String(i), i, 60)
  t.equal(cache.get('0'), undefined)
  t.equal(cache.get('1'), 1)
  t.equal(cache.get(String(dnsAnswers)), dnsAnswers)
})
