/** Policies from a web server that does what servers do, and what is kept of them. */
import { mkdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import type { ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import { stsPolicyBytes, stsUnusedSeconds } from '@yabumi/limits'
import t from 'tap'
import { bundle, makeCertificate } from '../../../../test/certificates.ts'
import { startDnsServer, type Zone } from '../../../../test/support/dns-server.ts'
import { until } from '../../../../test/support/wait.ts'
import { forgetPolicy, isPublic, PolicyBook } from '../src/index.ts'

process.chdir(t.testdir({ control: {}, made: {} }))
const authority = makeCertificate('made', 'authority')
const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'slow', 'kept', 'stuck'].map((name) => `mta-sts.${name}.example`)
const file = bundle('made', makeCertificate('made', 'web', { names }, authority), authority)
const pem = readFileSync(file, 'latin1')

const policy = 'version: STSv1\nmode: enforce\nmx: mx.example\nmax_age: 86400\n'
const text = { 'content-type': 'text/plain' }
let answers: Readonly<Record<string, (response: ServerResponse) => void>> = {
  a: (response) => response.writeHead(200, text).end(policy),
  b: (response) => response.writeHead(301, { location: 'https://mta-sts.a.example/.well-known/mta-sts.txt' }).end(),
  c: (response) => response.writeHead(404, text).end(policy),
  d: (response) => response.writeHead(200, { 'content-type': 'text/html' }).end(policy),
  e: (response) => response.writeHead(200, text).end(`${policy}x: ${'y'.repeat(stsPolicyBytes)}\n`),
  f: (response) => response.writeHead(200, text).end('mode: enforce\n'),
  g: (response) => void response.writeHead(200, text).write(policy.slice(0, 20), () => response.destroy()),
  slow: () => undefined,
  kept: (response) => response.writeHead(200, text).end(policy),
  stuck: (response) => response.writeHead(200, text).end('version: STSv1\nmode: none\nmax_age: 86400\n'),
}
const asked: string[] = []
const web = createServer({ key: pem, cert: pem }, ({ headers, url = '' }, response) => {
  const domain = /^mta-sts\.(\w+)\.example/.exec(headers.host ?? '')?.[1] ?? ''
  asked.push(`${domain} ${url}`)
  answers[domain]?.(response)
})
await new Promise<void>((done) => web.listen(0, '127.0.0.1', done))
t.teardown(() => web.close().closeAllConnections())
const address = web.address()
const here = {
  port: typeof address === 'object' ? (address?.port ?? 0) : 0,
  isAllowed: () => true,
  ca: readFileSync(authority.certificate, 'latin1'),
}

const zone = (id: string): Zone => ({
  ...Object.fromEntries(names.map((name) => [name, { A: ['127.0.0.1'] }])),
  ...Object.fromEntries(names.map((name) => [`_${name}`, { TXT: [`v=STSv1; id=${id};`] }])),
  '_mta-sts.other.example': { TXT: ['v=STSv1; id=1;'] },
  'mta-sts.other.example': { A: ['127.0.0.1'] },
  '_mta-sts.fail.example': 'SERVFAIL',
})
const dns = await startDnsServer(zone('1'))
t.teardown(() => dns.close())
writeFileSync('control/resolvers', `${dns.address}\n`)

t.test('a policy is what the server says itself, in a text of limited length', async (t) => {
  const book = new PolicyBook(here)
  t.same(await book.of('a.example'), { kind: 'found', policy: { mode: 'enforce', mx: ['mx.example'], maxAge: 86_400 } })
  t.ok(asked.includes('a /.well-known/mta-sts.txt'))
  for (const [domain, problem] of [
    ['b', 'status 301'],
    ['c', 'status 404'],
    ['d', 'not text/plain'],
    ['e', 'the policy is too long'],
    ['f', 'not a policy'],
  ] as const)
    t.same(await book.of(`${domain}.example`), { kind: 'problem', problem, isCertificate: false }, domain)
  t.match(await book.of('g.example'), { kind: 'problem' }, 'broken off')
  t.match(await book.of('other.example'), { kind: 'problem', isCertificate: true }, 'a certificate for other names')
  t.match(await new PolicyBook({ ...here, ca: '' }).of('b.example'), { kind: 'problem', isCertificate: true }, 'of nobody')
})

t.test('a domain has a policy if its record says so', async (t) => {
  const book = new PolicyBook(here)
  t.same(await book.of('nobody.example'), { kind: 'none' })
  t.same(await book.of('fail.example'), { kind: 'trouble' })
})

t.test('a slow server is not waited for, and too many are not asked', async (t) => {
  const book = new PolicyBook(here)
  t.same(await book.of('slow.example'), { kind: 'problem', problem: 'its server is slow', isCertificate: false })
})

t.test('what is kept counts after a restart, until another one is fetched', async (t) => {
  t.match(await new PolicyBook(here).of('kept.example'), { policy: { mode: 'enforce' } })
  answers = { ...answers, kept: (response) => response.writeHead(500, text).end() }
  dns.setZone(zone('2'))
  t.match(await new PolicyBook(here).of('kept.example'), { policy: { mode: 'enforce' } }, 'the server fails')
  answers = { ...answers, kept: (response) => response.writeHead(200, text).end('version: STSv1\nmode: none\nmax_age: 86400\n') }
  const book = new PolicyBook(here)
  t.match(await book.of('kept.example'), { policy: { mode: 'enforce' } }, 'it is asked meanwhile')
  await until('the policy of the domain has changed', () => {
    try {
      return readFileSync('state/remote/sts/kept.example', 'latin1') === ''
    } catch {
      return true
    }
  })
  t.match(await book.of('kept.example'), { policy: { mode: 'none' } })
  forgetPolicy('../../control/resolvers')
  t.ok(readFileSync('control/resolvers', 'latin1'), 'a name that is no domain is no file')
})

t.test('what is kept is fetched anew without mail, while mail asked for it not too long ago', async (t) => {
  answers = { ...answers, b: (response) => response.writeHead(200, text).end(policy), c: (response) => response.writeHead(404).end() }
  const now = Math.floor(Date.now() / 1000)
  const old = now - 80_000 // of a day
  const use = (domain: string, used: number): void => {
    writeFileSync(`state/remote/sts/${domain}.example`, `${old} 1\n${policy}`)
    utimesSync(`state/remote/sts/${domain}.example`, used, used)
  }
  const fetchedOf = (domain: string): number => Number(readFileSync(`state/remote/sts/${domain}.example`, 'latin1').split(' ')[0])
  use('a', now - stsUnusedSeconds - 1)
  use('b', now - stsUnusedSeconds + 600) // seconds enough for this test
  use('c', now)
  const problems: string[] = []
  const book = new PolicyBook(here)
  await book.freshen((problem) => problems.push(problem))
  t.equal(fetchedOf('a'), old, 'nobody uses it')
  t.ok(fetchedOf('b') >= now)
  t.equal(statSync('state/remote/sts/b.example').mtimeMs, (now - stsUnusedSeconds + 600) * 1000, 'to fetch it is no use')
  t.same(problems, [`c.example: status 404; the policy that is kept counts until ${new Date((old + 86_400) * 1000).toISOString()}`])
  const before = asked.length
  await book.freshen((problem) => problems.push(problem))
  t.equal(asked.length, before, 'once a day')
  t.match(await book.of('a.example'), { kind: 'found' })
  t.ok(statSync('state/remote/sts/a.example').mtimeMs >= now * 1000, 'mail uses it')
})

t.test('authorities that cannot be read let nothing through', async (t) => {
  writeFileSync('control/cafile', 'missing.pem\n')
  const { ca: _, ...usual } = here
  await t.rejects(new PolicyBook(usual).of('g.example'), { message: /unable to read missing\.pem/ })
  writeFileSync('control/cafile', `${authority.certificate}\n`)
  t.match(await new PolicyBook(usual).of('b.example'), { kind: 'found' })
})

t.test('a policy that cannot be removed keeps nobody from an answer', async (t) => {
  mkdirSync('state/remote/sts/stuck.example', { recursive: true })
  t.match(await new PolicyBook(here).of('stuck.example'), { policy: { mode: 'none' } })
})

t.test('nobody has us connect to inner networks', async (t) => {
  for (const inner of [
    '127.0.0.1',
    '10.1.2.3',
    '192.168.1.1',
    '169.254.169.254',
    '::1',
    'fe80::1',
    'fd00::1',
    '::ffff:127.0.0.1',
    '0.0.0.0',
  ])
    t.equal(isPublic(inner), false, inner)
  for (const outer of ['198.51.100.1', '8.8.8.8', '2001:4860:4860::8888']) t.equal(isPublic(outer), true, outer)
  t.match(await new PolicyBook({ ...here, isAllowed: isPublic }).of('d.example'), { kind: 'problem', problem: 'no address of use' })
})
