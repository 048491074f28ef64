/** What an authority says, and when it is asked again. */
import { X509Certificate } from 'node:crypto'
import { acmeLongestPauseSeconds, acmeShortestPauseSeconds, acmeWordsBytes } from '@yabumi/limits'
import { selfSigned } from '@yabumi/selfsigned'
import t from 'tap'
import { Refusal, wordsOf } from '../src/authority.ts'
import { dueAt } from '../src/due.ts'
import { Tries } from '../src/tries.ts'

t.test('words are those of the problem and of what is below it, printable and cut', async (t) => {
  t.equal(wordsOf({ detail: 'a', subproblems: [{ detail: 'b' }, null, { detail: 3 }] }), 'a; b')
  for (const nothing of [undefined, null, 'x', {}, { detail: 1 }]) t.equal(wordsOf(nothing), undefined)
  const { message } = new Refusal(`\n\x1b${'x'.repeat(acmeWordsBytes)}`, undefined)
  t.match(message, /^the authority says: [ -~]*$/)
  t.equal(message.length, 'the authority says: '.length + acmeWordsBytes)
})

t.test('the pause doubles up to a day, and the authority may ask for more', async (t) => {
  const pauseOf = (text: string | undefined, error: unknown = new Error('x')) => {
    const before = Date.now()
    const { retryAt, text: next } = new Tries(text).failed(error)
    return { seconds: Math.floor((retryAt - before) / 1_000), next }
  }
  let text: string | undefined
  for (const seconds of [1, 2, 4, 8, 16, 24, 24].map((hours) => hours * acmeShortestPauseSeconds)) {
    const pause = pauseOf(text)
    t.equal(pause.seconds, seconds)
    text = pause.next
  }
  t.equal(new Tries(text).notBefore > Date.now(), true)
  t.equal(new Tries('torn').notBefore, 0)
  t.equal(pauseOf(undefined, new Refusal('wait', 7_200)).seconds, 7_200)
  t.equal(pauseOf(undefined, new Refusal('wait', 10)).seconds, acmeShortestPauseSeconds)
  t.equal(pauseOf(undefined, new Refusal('wait', 1e12)).seconds, 7 * acmeLongestPauseSeconds)
})

t.test('a certificate is due when a third of its life is left, or a tenth of that before', async (t) => {
  const day = 86_400_000
  for (const days of [90, 47, 6]) {
    const end = Date.UTC(2027, 0, 1)
    const certificate = new X509Certificate(selfSigned('a.example', { from: new Date(end - days * day), until: new Date(end) }))
    const left = (end - dueAt(certificate)) / day
    t.ok(left >= days / 3 && left <= (days / 3) * 1.1, `${days} days: ${left} are left`)
    t.equal(dueAt(certificate), dueAt(certificate))
  }
  t.equal(dueAt(undefined), 0)
})
