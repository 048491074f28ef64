// Chains of seals: the suites of others, our own sealer before our own verifier, and the limits.
import { generateKeyPairSync } from 'node:crypto'
import { join } from 'node:path'
import { keyRecordOf, Verifier } from '@yabumi/dkim'
import { arcSets } from '@yabumi/limits'
import t, { type Test } from 'tap'
import { kinds } from '../../../../test/suites/kinds.ts'
import { readSuite, runSuite } from '../../../../test/suites/suite.ts'
import { Chain, type ChainWord, Sealer } from '../src/index.ts'

const { privateKey, publicKey } = generateKeyPairSync('ed25519')
const { privateKey: rsaKey, publicKey: rsaPublic } = generateKeyPairSync('rsa', { modulusLength: 2048 })
const nowSeconds = 1_700_000_000
const records: Readonly<Record<string, string>> = {
  'e._domainkey.example.org': keyRecordOf(publicKey),
  'r._domainkey.example.net': keyRecordOf(rsaPublic),
}
const message =
  'Authentication-Results: mx.example.org; spf=pass smtp.mailfrom=a.example;\r\n dkim=fail\r\nFrom: joe@a.example\r\nSubject: hello\r\n\r\nHello.\r\n'
const ed25519 = { domain: 'example.org', selector: 'e', key: privateKey }
const rsa = { domain: 'example.net', selector: 'r', key: rsaKey }

async function sealed(text: string, by: typeof rsa, chain: ChainWord): Promise<string> {
  const sealer = new Sealer({ ...by, nowSeconds, id: 'mx.example.org', chain })
  for (const piece of text.match(/[\s\S]{1,7}/g) ?? []) sealer.push(Buffer.from(piece, 'latin1'))
  return (await sealer.end()) + text
}

async function verdictOn(text: string) {
  const asked: string[] = []
  const lookUp = async (name: string) => {
    asked.push(name)
    const record = records[name]
    return record === undefined ? ({ kind: 'nxdomain' } as const) : ({ kind: 'found', records: [record] } as const)
  }
  const chain = new Chain({ lookUp, nowSeconds })
  const verifier = new Verifier({ lookUp, nowSeconds, companion: chain })
  verifier.push(Buffer.from(text, 'latin1'))
  await verifier.end()
  return { ...(await chain.end()), asked }
}

for (const name of ['arc-seal', 'arc-validate', 'authres-parse']) {
  t.test(`what others know is right here: ${name}`, async (t: Test) => {
    const suite = readSuite(join(import.meta.dirname, `../../../../test/suites/data/${name}.json`))
    const said: string[] = []
    const counts = await runSuite(suite, kinds[suite.kind], (line) => said.push(line))
    t.same(counts, { passed: suite.cases.length, disputed: 0, failed: 0, skipped: 0 }, said.join('\n'))
  })
}

t.test('a message that two hosts have sealed holds, until somebody changes it', async (t) => {
  const first = await sealed(message, rsa, 'none')
  t.match(await verdictOn(first), { result: 'pass', sealers: ['example.net'] })
  const second = await sealed(first, ed25519, 'pass')
  const { result, sealers, asked } = await verdictOn(second)
  t.same({ result, sealers }, { result: 'pass', sealers: ['example.net', 'example.org'] })
  t.same(asked.sort(), ['e._domainkey.example.org', 'r._domainkey.example.net'], 'each key is asked for once')
  t.match(second, /^ARC-Authentication-Results: i=1; mx\.example\.org;\r\n spf=pass smtp\.mailfrom=a\.example; dkim=fail\r\n/m)
  for (const [from, to] of [
    ['Hello.', 'Hallo.'],
    ['Subject: hello', 'Subject: hallo'],
    ['dkim=fail\r\nARC', 'dkim=pass\r\nARC'],
    ['cv=pass', 'cv=none'],
    ['ARC-Seal: a=ed25519', 'X-Seal: a=ed25519'],
  ] as const) {
    t.ok(second.includes(from), from)
    t.match(await verdictOn(second.replace(from, to)), { result: 'fail' }, to)
  }
})

t.test('who seals a broken chain says so, and ends it', async (t) => {
  const broken = (await sealed(message, rsa, 'none')).replace('Hello.', 'Hallo.')
  const ended = await sealed(broken, ed25519, 'fail')
  t.match(ended, /^ cv=fail;\r$/m)
  t.match(await verdictOn(ended), { result: 'fail', reason: 'it was broken when it was sealed (set 2)' })
  t.equal(await sealed(ended, rsa, 'fail'), ended)
})

t.test('fifty sets are the most', async (t) => {
  let text = message
  for (let count = 0; count < arcSets; count += 1) text = await sealed(text, ed25519, count === 0 ? 'none' : 'pass')
  t.match(await verdictOn(text), { result: 'pass' })
  t.equal(await sealed(text, ed25519, 'pass'), text, 'nobody adds one more')
  const more = text.replace('ARC-Seal: ', `ARC-Seal: i=${arcSets + 1}; a=rsa-sha256; cv=pass; d=example.org; s=e; b=AA==\r\nARC-Seal: `)
  const { result, asked } = await verdictOn(more)
  t.equal(result, 'fail')
  t.same(asked, [])
})

t.test('a message without seals has none', async (t) => {
  t.match(await verdictOn(message), { result: 'none', sealers: [], asked: [] })
})
