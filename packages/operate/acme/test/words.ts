/** What an authority says, and when it is asked again. */
import { execFileSync } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { acmeLongestPauseSeconds, acmeShortestPauseSeconds, acmeWordsBytes } from '@yabumi/limits'
import { selfSigned } from '@yabumi/selfsigned'
import t from 'tap'
import { makeCertificate, read } from '../../../../test/certificates.ts'
import { Refusal, wordsOf } from '../src/authority.ts'
import { dueAt } from '../src/due.ts'
import { certificateId, momentIn } from '../src/renewalinfo.ts'
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

t.test('a certificate is called by the key that signed it and its number (RFC 9773 §4.1)', async (t) => {
  const directory = t.testdir({})
  const authority = makeCertificate(directory, 'authority')
  const certificate = read(makeCertificate(directory, 'host', { names: ['a.example'] }, authority))
  const text = execFileSync('openssl', ['x509', '-noout', '-ext', 'authorityKeyIdentifier'], {
    input: certificate.toString(),
  })
  const identifier = /([0-9A-F]{2}(?::[0-9A-F]{2}){19})/.exec(text.toString())?.[1]?.replaceAll(':', '') ?? ''
  const [key, serial] = certificateId(certificate)?.split('.') ?? []
  t.equal(
    Buffer.from(key ?? '', 'base64url')
      .toString('hex')
      .toUpperCase(),
    identifier,
  )
  t.equal(
    Buffer.from(serial ?? '', 'base64url')
      .toString('hex')
      .replace(/^00/, '')
      .toUpperCase(),
    certificate.serialNumber.padStart(2, '0'),
  )
  t.equal(certificateId(new X509Certificate(selfSigned('a.example', { from: new Date(0), until: new Date(86_400_000) }))), undefined)
})

t.test('the moment lies in the window, and is the same each time', async (t) => {
  const certificate = new X509Certificate(selfSigned('a.example', { from: new Date(0), until: new Date(86_400_000) }))
  const window = { start: '2027-01-01T00:00:00Z', end: '2027-01-02T00:00:00Z' }
  const moment = momentIn(JSON.stringify({ suggestedWindow: window }), certificate) ?? 0
  t.ok(moment >= Date.parse(window.start) && moment <= Date.parse(window.end))
  t.equal(momentIn(JSON.stringify({ suggestedWindow: window }), certificate), moment)
  for (const nothing of ['', 'null', '[]', '{"suggestedWindow":null}', '{"suggestedWindow":{"start":"x","end":"y"}}'])
    t.equal(momentIn(nothing, certificate), undefined)
})
