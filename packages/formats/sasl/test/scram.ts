import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import t from 'tap'
import {
  decodeBase64,
  encodeBase64,
  inventedVerifier,
  makeVerifier,
  parseVerifier,
  type ServerStep,
  type ServerTerms,
  startServer,
  verifierText,
} from '../src/index.ts'
import { normalised } from '../src/scram.ts'
import { ScramClient } from '../src/scramclient.ts'

interface Case {
  readonly id: string
  readonly title: string
  readonly input: Readonly<
    Record<'mechanism' | 'user' | 'password' | 'salt' | 'server_nonce' | 'client_first' | 'client_final', string>
  > & {
    readonly iterations: number
  }
  readonly expect: { readonly ok: boolean; readonly server_first?: string; readonly server_final?: string }
}

/** Cases that nobody here wrote: mox (MIT) and the examples of RFC 7677. */
const suite: { cases: Case[] } = JSON.parse(readFileSync(join(import.meta.dirname, 'scram.json'), 'utf8'))
/** RFC 5802 §5. */
const rfc5802: Case = {
  id: 'rfc5802',
  title: 'the example of RFC 5802',
  input: {
    mechanism: 'SCRAM-SHA-1',
    user: 'user',
    password: 'pencil',
    salt: 'QSXCR+Q6sek8bf92',
    iterations: 4096,
    server_nonce: '3rfcNHYJY1ZVvWVs7j',
    client_first: 'n,,n=user,r=fyko+d2lbbFgONRv9qkxdawL',
    client_final: 'c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=',
  },
  expect: {
    ok: true,
    server_first: 'r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096',
    server_final: 'v=rmF9pqV8S7suAoZWja4dJRkFsKQ=',
  },
}

const binding = Buffer.alloc(32, 7)
const utf8 = (text: string): string => Buffer.from(text, 'utf8').toString('latin1')

async function terms(password: string, more: Partial<ServerTerms> = {}): Promise<ServerTerms> {
  const verifier = await makeVerifier(password, Buffer.from('salt'), 4096)
  return { verifierOf: () => verifier, binding: undefined, nonce: 'ours', challenge: '<c>', ...more }
}

/** A client and a server talk to the end. */
async function talk(client: ScramClient, name: string, of: ServerTerms): Promise<ServerStep | 'gave up'> {
  const server = startServer(name, of)
  let step = server?.step(client.initial)
  while (step?.kind === 'challenge') {
    const response = await client.respond(step.text)
    if (response === undefined) return 'gave up'
    step = server?.step(response)
  }
  if (step?.kind === 'proven' && (await client.respond(step.text)) !== '') return 'gave up'
  return step ?? 'gave up'
}

for (const { id, title, input, expect } of [...suite.cases, rfc5802]) {
  t.test(`${id}: ${title}`, async (t) => {
    const hash = input.mechanism === 'SCRAM-SHA-1' ? 'sha1' : 'sha256'
    const verifier = await makeVerifier(input.password, Buffer.from(input.salt, 'base64'), input.iterations, hash)
    let login: string | undefined
    const verifierOf: ServerTerms['verifierOf'] = (name) => {
      login = name
      return verifier
    }
    const server = startServer(input.mechanism, { verifierOf, binding: undefined, nonce: input.server_nonce, challenge: '' })
    const first = server?.step(input.client_first)
    t.equal(login, input.user)
    if (expect.server_first !== undefined) t.strictSame(first, { kind: 'challenge', text: expect.server_first })
    const final = server?.step(input.client_final)
    if (!expect.ok) t.match(final?.kind, /^(?:wrong|malformed)$/)
    else {
      t.strictSame(final, { kind: 'proven', login: input.user, text: expect.server_final })
    }
  })
}

t.test('a client and a server of ours agree on every password, and on no other one', async () => {
  const word = fc.string({ minLength: 1, maxLength: 12, unit: 'grapheme' }).filter((text) => !/[\0\r\n]/.test(text))
  const property = fc.asyncProperty(word, word, fc.boolean(), async (login, password, isPlus) => {
    const name = isPlus ? 'SCRAM-SHA-256-PLUS' : 'SCRAM-SHA-256'
    const of = await terms(utf8(password), isPlus ? { binding } : {})
    const client = (secret: string): ScramClient =>
      new ScramClient('sha256', isPlus, { login: utf8(login), secret }, isPlus ? binding : undefined)
    const right = await talk(client(utf8(password)), name, of)
    const wrong = await talk(client(`${utf8(password)}x`), name, of)
    return right !== 'gave up' && right.kind === 'proven' && wrong !== 'gave up' && wrong.kind === 'wrong'
  })
  await fc.assert(property, { seed: 15, numRuns: 60 })
})

t.test('a password is the same however its letters were composed, and bytes that are no UTF-8 stay', async (t) => {
  t.equal(normalised(utf8('e\u0301\u00a0x')), utf8('\u00e9 x'))
  t.equal(normalised('\xff\xfe'), '\xff\xfe')
  const client = new ScramClient('sha256', false, { login: 'joe', secret: utf8('e\u0301') }, undefined)
  t.match(await talk(client, 'SCRAM-SHA-256', await terms(utf8('\u00e9'))), { kind: 'proven' })
})

t.test('channel binding keeps everybody out who stands between the two', async (t) => {
  const secret = { login: 'joe', secret: 'pencil' }
  const plus = await terms('pencil', { binding })
  t.match(await talk(new ScramClient('sha256', true, secret, Buffer.alloc(32, 8)), 'SCRAM-SHA-256-PLUS', plus), { kind: 'wrong' })
  const hidden = new ScramClient('sha256', false, secret, binding)
  t.match(hidden.initial, /^y,,/, 'the client says that it could')
  t.match(await talk(hidden, 'SCRAM-SHA-256', plus), { kind: 'wrong', why: /between us/ })
  t.match(await talk(new ScramClient('sha256', false, secret, undefined), 'SCRAM-SHA-256', plus), { kind: 'proven' })
  for (const first of ['p=tls-unique,,n=joe,r=a', 'n,,n=joe,r=a', 'y,,n=joe,r=a']) {
    t.match(startServer('SCRAM-SHA-256-PLUS', plus)?.step(first), { kind: 'wrong' }, first)
  }
  t.match(startServer('SCRAM-SHA-256', plus)?.step('p=tls-exporter,,n=joe,r=a'), { kind: 'wrong' })
})

t.test('what is no message of SCRAM is refused, and nobody acts for somebody else', async (t) => {
  const of = await terms('pencil')
  const bad = ['', 'n,,', 'n,n=joe,r=a', 'n,,n=,r=a', 'n,,n=joe', 'n,,n=joe,r=', 'n,,n=jo=2Xe,r=a', 'x,,n=joe,r=a', 'n,,m=x,n=joe,r=a']
  for (const first of [...bad, 'n,,n=j\0oe,r=a', 'n,,n=j\noe,r=a', 'n,,n=joe,r=a b\x7f']) {
    t.match(startServer('SCRAM-SHA-256', of)?.step(first), { kind: 'malformed' }, JSON.stringify(first))
  }
  t.match(startServer('SCRAM-SHA-256', of)?.step('n,a=root,n=joe,r=a'), { kind: 'wrong', why: /somebody else/ })
  t.match(startServer('SCRAM-SHA-256', of)?.step('n,a=j=2Coe,n=j=2Coe,r=a'), { kind: 'challenge' })
  const finals = ['', 'c=biws', 'c=biws,r=aours', 'c=biws,r=aours,p=', 'c=biws,r=aours,p=AAAA', `c=biws,r=aours,p=${'A'.repeat(43)}!`]
  for (const final of finals) {
    const server = startServer('SCRAM-SHA-256', of)
    server?.step('n,,n=joe,r=a')
    t.match(server?.step(final), { kind: 'malformed' }, final)
  }
})

t.test('a verifier is read as it was written, and what is none is refused', async (t) => {
  const verifier = await makeVerifier('pencil')
  t.equal(verifier.iterations, 65_536)
  t.strictSame(parseVerifier(verifierText(verifier)), verifier)
  const [key, half] = [Buffer.alloc(32).toString('base64'), Buffer.alloc(16).toString('base64')]
  t.ok(parseVerifier(`SCRAM-SHA-256$1000000:${half}$${key}:${key}`))
  for (const text of [
    '',
    `SCRAM-SHA-1$4096:${half}$${key}:${key}`,
    `SCRAM-SHA-256$4096:${half}$${half}:${key}`,
    `SCRAM-SHA-256$1000001:${half}$${key}:${key}`,
  ]) {
    t.equal(parseVerifier(text), undefined, text)
  }
})

t.test('a login that does not exist has the same salt each time, and another one elsewhere', async (t) => {
  const secret = Buffer.from('of this site')
  t.strictSame(inventedVerifier('joe', secret), inventedVerifier('joe', secret))
  t.notSame(inventedVerifier('joe', secret).salt, inventedVerifier('ann', secret).salt)
  t.notSame(inventedVerifier('joe', Buffer.from('of another')).salt, inventedVerifier('joe', secret).salt)
  t.ok(parseVerifier(verifierText(inventedVerifier('joe', secret))), 'and looks like any other')
})

t.test('base64 that an encoder would not have written is refused', async (t) => {
  for (const text of ['', 'YQ==', 'YWI=', 'YWJj']) t.equal(encodeBase64(decodeBase64(text) ?? '?'), text)
  for (const text of ['YQ', 'YQ=', 'YQ==\n', 'Y=Q=', '=YQ=', 'YR==', 'Y Q=', '-_==', 'YQ==YQ==', '*', '=', 'YWJj=', 'YQ===']) {
    t.equal(decodeBase64(text), undefined, text)
  }
})
