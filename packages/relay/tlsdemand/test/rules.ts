import t from 'tap'
import { parseRules } from '../src/index.ts'

const pin = 'ab'.repeat(32)

t.test('a line names a domain, all below it, or all others', async (t) => {
  const rules = parseRules('# ours\nExample.org:encrypt\n\n.example.org:verify:match=mx.example.net:min=1.3\r\n:none\n')
  t.match(rules.of('EXAMPLE.org'), { level: 'encrypt', minVersion: 'TLSv1.2', match: [], pins: [], from: 'control/tlspolicy line 2' })
  t.match(rules.of('a.b.example.org'), {
    level: 'verify',
    match: ['mx.example.net'],
    minVersion: 'TLSv1.3',
    from: 'control/tlspolicy line 4',
  })
  t.match(rules.of('elsewhere.example'), { level: 'none' })
  t.match(rules.of('elsewhere.example', 'example.org'), { level: 'encrypt' }, 'the relay')
  t.match(rules.of('a.example.org', 'example.org'), { level: 'verify' }, 'the domain first')
  t.equal(parseRules('example.org:none\n').of('example.com'), undefined)
})

t.test('options are those of the level', async (t) => {
  const rules = parseRules(
    [
      `a:fingerprint:pin=SHA256:${pin}:pin=sha256:${pin.replace(/..(?!$)/g, '$&:')}`,
      'b:verify:ca=control/ca.pem:port=465',
      'c:may:port=2525',
    ].join('\n'),
  )
  t.match(rules.of('a'), { pins: [pin.toUpperCase(), pin.toUpperCase()] })
  t.match(rules.of('b'), { ca: 'control/ca.pem', port: 465 })
  t.match(rules.of('c'), { level: 'may', port: 2525 })
})

t.test('a line that cannot be understood guards what it names', async (t) => {
  const lines: [line: string, problem: string][] = [
    ['strong', 'no level is called strong'],
    ['', 'no level is called nothing'],
    ['Encrypt', 'no level is called Encrypt'],
    ['encrypt:match=a', 'match=a is no option of encrypt'],
    ['none:min=1.3', 'min=1.3 is no option of none'],
    ['may:fast', 'fast is no option of may'],
    ['may:min=1.1', 'min is 1.2 or 1.3'],
    ['may:port=0', '0 is no port'],
    ['may:port=65536', '65536 is no port'],
    ['fingerprint', 'fingerprint needs pin=SHA256:...'],
    ['fingerprint:pin=SHA1:abcd', 'pin is SHA256: and 64 hexadecimal digits'],
  ]
  for (const [line, problem] of lines) {
    const rules = parseRules(`other:may\nexample.org:${line}\n`)
    t.same(rules.of('example.org'), { problem: `control/tlspolicy line 2: ${problem}` }, line)
    t.match(rules.of('other'), { level: 'may' })
  }
})

t.test('a line that names nothing guards everything', async (t) => {
  for (const line of ['example.org encrypt', 'example.org', 'a b:encrypt', '\xe4.example:encrypt'])
    t.same(parseRules(`${line}\nother:may\n`).of('other'), { problem: 'control/tlspolicy line 1: not DOMAIN:LEVEL' }, line)
})
