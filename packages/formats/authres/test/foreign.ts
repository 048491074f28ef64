// Fields Authentication-Results in our name are taken out of a message; all else stays byte for byte.
import { resultsFieldBytes } from '@yabumi/limits'
import t from 'tap'
import { ForeignResults, speaksFor } from '../src/index.ts'

function passed(message: string, size: number = message.length): { text: string; forged: number } {
  const results = new ForeignResults('mx.example.org')
  let text = ''
  for (let at = 0; at < message.length; at += size)
    text += results.push(Buffer.from(message.slice(at, at + size), 'latin1')).toString('latin1')
  text += results.end().toString('latin1')
  return { text, forged: results.forged }
}

const forgeries = [
  'Authentication-Results: mx.example.org; dmarc=pass\n',
  'authentication-RESULTS \t: MX.Example.org; spf=pass\n',
  'Authentication-Results:\n mx.example.org\n ; spf=pass\n',
  'Authentication-Results: (x (y)) mx.example.org 1; dkim=pass\n\theader.d=example.com;\n dmarc=pass\n',
  'Authentication-Results: "mx.example.org"; dkim=pass\n',
  'Authentication-Results: mx.example.org\n',
]
const others = [
  'Authentication-Results: mx.example.com; dmarc=pass\n',
  'Authentication-Results: x;\n mx.example.org; spf=pass\n',
  'Authentication-Resultsx: mx.example.org; spf=pass\n',
  'Authentication-Results\n',
  'ARC-Authentication-Results: i=1; mx.example.org; spf=pass\n',
  'X: a\n Authentication-Results: mx.example.org; spf=pass\n',
  'Auth\n',
  'Subject: hello\n',
]

t.test('a field in our name goes, however it is written and cut', async (t) => {
  const body = '\nAuthentication-Results: mx.example.org; dmarc=pass\n\nbye\n'
  const header = others.flatMap((field, index) => [forgeries[index] ?? '', field])
  const message = `${header.join('')}${body}`
  for (const size of [1, 2, 3, 22, 23, 24, 1_000, message.length])
    t.same(passed(message, size), { text: `${others.join('')}${body}`, forged: forgeries.length }, `pieces of ${size}`)
})

t.test('a message may end within its header, and within such a field', async (t) => {
  for (const forged of forgeries) {
    t.same(passed(`Subject: x\n${forged}`), { text: 'Subject: x\n', forged: 1 })
    t.same(passed(forged.trimEnd()), { text: '', forged: 1 })
  }
  for (const field of others) t.same(passed(field.slice(0, -1), 5), { text: field.slice(0, -1), forged: 0 })
})

t.test('a field beyond the limit goes, whoever has made it', async (t) => {
  const field = (bytes: number): string => {
    const start = 'Authentication-Results: mx.example.com; '
    return `${start}${'x'.repeat(bytes - start.length - 1)}\n`
  }
  t.same(passed(`${field(resultsFieldBytes)}A: b\n\n`, 4_096), { text: `${field(resultsFieldBytes)}A: b\n\n`, forged: 0 })
  t.same(passed(`${field(resultsFieldBytes + 1)}A: b\n\n`, 4_096), { text: 'A: b\n\n', forged: 1 })
})

t.test('the name of a host is one name, in any case and in either form of its labels', async (t) => {
  const umlaut = Buffer.from('mx.b\u00fccher.example', 'utf8').toString('latin1')
  t.ok(speaksFor('MX.xn--bcher-kva.example', ` ${umlaut}; spf=pass`))
  t.ok(speaksFor(umlaut, 'mx.XN--bcher-kva.example.; spf=pass'))
  t.notOk(speaksFor('mx.example.org', 'mx.example.org.evil.example; spf=pass'))
})
