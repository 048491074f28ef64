import { createHash, sign } from 'node:crypto'
import t from 'tap'
import { Signer, Verifier } from '../src/index.ts'
import { makePair, now, signed, verified } from './support/signed.ts'

const pairs = [makePair(2048, 'r'), makePair('ed25519', 'e')]
const header = 'From: Joe <joe@example.org>\r\nTo: ann@else.example\r\nSubject: hello\r\n  again\r\nX-Other: 1\r\n'
const message = Buffer.from(`${header}\r\nHello. \r\n\r\n.\r\nagain\r\n\r\n`)

t.test('what is signed passes, by both kinds of keys, and the keys are asked for once each', async (t) => {
  const { verdicts, asked } = await verified(await signed(message, pairs), pairs)
  t.match(verdicts, [
    { result: 'pass', domain: 'example.org', selector: 'r', algorithm: 'rsa-sha256', b: /^[A-Za-z0-9+/]{8}$/ },
    { result: 'pass', domain: 'example.org', selector: 'e', algorithm: 'ed25519-sha256' },
  ])
  t.same(asked, ['r._domainkey.example.org', 'e._domainkey.example.org'])
})

t.test('a signature is the same however the message is cut', async (t) => {
  const [, ed25519] = pairs
  const whole = await signed(message, pairs.slice(1))
  for (const size of [1, 2, 3, 7]) {
    const signer = new Signer({ nowSeconds: now, lifetimeSeconds: 604_800, keysFor: () => (ed25519 ? [ed25519.signing] : []) })
    for (let at = 0; at < message.length; at += size) signer.push(message.subarray(at, at + size))
    t.equal((await signer.end()) + message.toString('latin1'), whole.toString('latin1'), `pieces of ${size}`)
    const verifier = new Verifier({ nowSeconds: now, lookUp: async () => ({ kind: 'found', records: [ed25519?.record ?? ''] }) })
    for (let at = 0; at < whole.length; at += size) verifier.push(whole.subarray(at, at + size))
    t.match(await verifier.end(), [{ result: 'pass' }])
  }
})

t.test('what is changed or added fails, and what hosts on the way add does not matter', async (t) => {
  const whole = (await signed(message, pairs)).toString('latin1')
  const changes: Record<string, (text: string) => string> = {
    'another subject': (text) => text.replace('Subject: hello', 'Subject: hallo'),
    'another body': (text) => text.replace('again\r\n\r\n', 'again!\r\n\r\n'),
    'a second From, above or below': (text) => text.replace('X-Other', 'From: eve@else.example\r\nX-Other'),
    'a field that was not there': (text) => `Reply-To: eve@else.example\r\n${text}`,
    'text at the end': (text) => `${text}more\r\n`,
  }
  for (const [name, change] of Object.entries(changes)) {
    const { verdicts } = await verified(Buffer.from(change(whole), 'latin1'), pairs)
    t.same(
      verdicts.map(({ result }) => result),
      ['fail', 'fail'],
      name,
    )
  }
  for (const top of ['Received: from x by y; now\r\n', 'Return-Path: <a@b>\r\n', 'X-New: 1\r\n']) {
    const { verdicts } = await verified(Buffer.from(top + whole, 'latin1'), pairs)
    t.match(verdicts, [{ result: 'pass' }, { result: 'pass' }], top)
  }
})

t.test('a signature expires, and may be good for ever', async (t) => {
  const week = await signed(message, pairs)
  t.match((await verified(week, pairs, { nowSeconds: now + 604_799 })).verdicts, [{ result: 'pass' }, { result: 'pass' }])
  t.match((await verified(week, pairs, { nowSeconds: now + 604_800 })).verdicts, [
    { result: 'fail', reason: 'expired' },
    { result: 'fail' },
  ])
  const ever = await signed(message, pairs, now, 0)
  t.match((await verified(ever, pairs, { nowSeconds: now + 604_800_000 })).verdicts, [{ result: 'pass' }, { result: 'pass' }])
})

t.test('a message that nobody signs is left as it is', async (t) => {
  t.equal((await signed(message, [])).toString(), message.toString())
})

t.test('no line of a signature is long', async (t) => {
  const many = Buffer.from(`${'Resent-To: a@b.example\r\n'.repeat(50)}From: joe@example.org\r\n\r\n`)
  const text = (await signed(many, pairs)).toString('latin1').split('Resent-To: ')[0] as string
  for (const line of text.split('\r\n')) t.ok(line.length <= 78, line)
})

t.test('a signature costs little beyond its own calculation', async (t) => {
  const ordinary = Buffer.from(`${header}\r\n${'A line of an ordinary message.\r\n'.repeat(60)}`)
  const hash = createHash('sha256').update(ordinary).digest()
  const rounds = 500
  const clock = async (work: () => unknown): Promise<number> => {
    for (let i = 0; i < rounds; i += 1) await work() // until it is compiled
    const start = process.cpuUsage()
    for (let i = 0; i < rounds; i += 1) await work()
    const { user, system } = process.cpuUsage(start)
    return (user + system) / 1000 / rounds
  }
  const whole = await clock(() => signed(ordinary, pairs))
  const alone = await clock(() => pairs.map(({ signing: { key } }) => sign(key.asymmetricKeyType === 'rsa' ? 'sha256' : null, hash, key)))
  t.comment(`${(whole - alone).toFixed(3)} ms of CPU for a message of 2 KB, above the ${alone.toFixed(3)} ms of its two signatures`)
  t.pass('a figure, and no bound: the machine is shared')
})
