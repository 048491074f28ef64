import { join } from 'node:path'
import { execa } from 'execa'
import t, { type Test } from 'tap'
import { kinds } from '../../../../test/suites/kinds.ts'
import { readSuite, runSuite, zoneOf } from '../../../../test/suites/suite.ts'
import { startDnsServer } from '../../../../test/support/dns-server.ts'

const program = join(import.meta.dirname, '../../../../bin/authcheck')
/** The example of RFC 8463 appendix A, which has two signatures. */
const suite = readSuite(join(import.meta.dirname, '../../../../test/suites/data/dkim-chasquid.json'))
const example = suite.cases.find(({ id }) => id.startsWith('chasquid-10')) as (typeof suite.cases)[number]
const message = example.input['message'] as string

function homeOf(t: Test, control: Record<string, string> = {}): string {
  return t.testdir({ control: { me: 'mail.example.org\n', ...control }, 'zone.json': JSON.stringify(zoneOf(example, suite)) })
}

async function check(home: string, input: string, ...args: string[]) {
  const options = { input: Buffer.from(input, 'latin1'), env: { YABUMI_HOME: home }, reject: false } as const
  const { stdout, stderr, exitCode } = await execa(program, args, options)
  return { out: stdout, err: stderr, code: exitCode }
}

t.test('authcheck says who signed a message, with line ends of the wire or of the queue', async (t) => {
  const home = homeOf(t)
  const zone = ['--zone', join(home, 'zone.json')]
  for (const text of [message, message.replaceAll('\r\n', '\n')]) {
    const { out, code } = await check(home, text, ...zone)
    t.equal(code, 0)
    t.equal(
      out,
      'Authentication-Results: mail.example.org;\n' +
        '\tspf=none;\n' +
        '\tdkim=pass header.d=football.example.com header.s=brisbane header.a=ed25519-sha256 header.b="/gCrinpc";\n' +
        '\tdkim=pass header.d=football.example.com header.s=test header.a=rsa-sha256 header.b=F45dVWDf;\n' +
        '\tdmarc=none header.from=football.example.com;\n' +
        '\tarc=none',
    )
  }
  const { out } = await check(home, message, ...zone, '--json')
  t.match(JSON.parse(out), {
    dkim: [
      { result: 'pass', domain: 'football.example.com', selector: 'brisbane', algorithm: 'ed25519-sha256', b: '/gCrinpc' },
      { result: 'pass', selector: 'test' },
    ],
    header: /^Authentication-Results: /,
  })
})

t.test('authcheck says why a signature is no pass', async (t) => {
  const home = homeOf(t)
  const { out, code } = await check(home, message.replace('hungry', 'angry'), '--zone', join(home, 'zone.json'))
  t.equal(code, 0)
  t.match(out, /dkim=fail reason="the body was changed" header\.d=football/)
  t.match(JSON.parse((await check(home, 'From: a@b.example\n\nhello\n', '--zone', join(home, 'zone.json'), '--json')).out), {
    spf: { result: 'none' },
    dkim: [],
    arc: { result: 'none', sealers: [] },
    dmarc: { result: 'none', domain: 'b.example' },
    questions: 2,
  })
})

t.test('authcheck asks the servers that control/resolvers names, and the settings count', async (t) => {
  const names = zoneOf(example, suite) as Record<string, { type: string; data: string[] }[]>
  const dns = await startDnsServer(
    Object.fromEntries(Object.entries(names).map(([name, records]) => [name, { TXT: records.map(({ data }) => data.join('')) }])),
  )
  t.teardown(() => dns.close())
  t.match((await check(homeOf(t, { resolvers: `${dns.address}\n` }), message)).out, /dkim=pass .*\n.*dkim=pass/)
  t.match(
    (await check(homeOf(t, { resolvers: `${dns.address}\n`, dkimminbits: '2048\n' }), message)).out,
    /dkim=policy reason="a key of 1024 bits is too small"/,
  )
})

/** A domain that says who may send for it, and what it wants of the others. */
const strict = {
  'example.com': [{ type: 'TXT', data: 'v=spf1 ip4:192.0.2.1 -all exp=why.example.com' }],
  'why.example.com': [{ type: 'TXT', data: '%{i} is none of ours' }],
  '_dmarc.example.com': [{ type: 'TXT', data: 'v=DMARC1; p=reject' }],
}

t.test('authcheck says what the client, the author and the seals are worth, as field, JSON and words', async (t) => {
  const home = t.testdir({ control: { me: 'mail.example.org\n' }, 'zone.json': JSON.stringify(strict) })
  const from = (ip: string) => ['--zone', join(home, 'zone.json'), '--ip', ip, '--helo', 'x.example', '--sender', 'joe@example.com']
  const own = 'From: Joe <joe@mail.example.com>\n\nhello\n'
  t.equal(
    (await check(home, own, ...from('192.0.2.1'))).out,
    'Authentication-Results: mail.example.org;\n' +
      '\tspf=pass smtp.mailfrom=example.com;\n' +
      '\tdkim=none;\n' +
      '\tdmarc=pass (p=reject) header.from=mail.example.com policy.dmarc=reject;\n' +
      '\tarc=none',
  )
  t.match(JSON.parse((await check(home, own, ...from('192.0.2.9'), '--json')).out), {
    spf: { result: 'fail', domain: 'example.com', identity: 'mailfrom', explanation: '192.0.2.9 is none of ours' },
    dmarc: { result: 'fail', policy: 'reject', domain: 'mail.example.com', orgDomain: 'example.com', spfAligned: false },
    questions: 5,
  })
  t.equal(
    (await check(home, own, ...from('192.0.2.9'), '--why')).out,
    'spf: fail: asked for example.com: -all\n' +
      'spf: the domain says: 192.0.2.9 is none of ours\n' +
      'dkim: none: nobody has signed it\n' +
      'dmarc: fail: nothing that passes is of mail.example.com; for mail that fails example.com wants: reject\n' +
      'arc: none: nobody has sealed it\n' +
      '5 questions to the DNS',
  )
  t.match(JSON.parse((await check(home, '', ...from('192.0.2.9'), '--spf-only')).out), { spf: { result: 'fail' } })
})

t.test('a message has one author domain, or none that is asked about', async (t) => {
  const home = t.testdir({ control: {}, 'zone.json': JSON.stringify(strict) })
  const dmarc = async (header: string): Promise<{ result: string; domain: string; reason?: string }> =>
    JSON.parse((await check(home, `${header}\n\nhello\n`, '--zone', join(home, 'zone.json'), '--json')).out).dmarc
  t.match(await dmarc('From: a@example.com, "b" <c@Example.COM>'), { result: 'fail', domain: 'example.com' })
  t.match(await dmarc('From: a@example.com, b@other.example'), { result: 'permerror', reason: 'its authors are of several domains' })
  t.match(await dmarc('From: a@example.com\nFrom: a@example.com'), { result: 'permerror', reason: 'it has several From fields' })
  t.match(await dmarc('Subject: hello'), { result: 'permerror', reason: 'it has no From' })
  t.match(await dmarc('From: nobody'), { result: 'permerror', reason: 'its From is no address' })
  t.match(await dmarc('From: "a@example.com" <b@other.example>'), { result: 'none', domain: 'other.example' })
  t.match(await dmarc('From:\n <a@example.com> (x@other.example)'), { result: 'fail', domain: 'example.com' })
})

t.test('a wrong command line is refused, and a zone that cannot be read is trouble', async (t) => {
  const home = homeOf(t)
  t.equal((await check(home, message, '--nonsense')).code, 100)
  t.equal((await check(home, message, 'argument')).code, 100)
  t.match(await check(home, message, '--zone', join(home, 'control/me')), { code: 111, err: /^authcheck: unable to read the zone in / })
})

t.test('what others know of whole messages is right here', async (t) => {
  const said: string[] = []
  const counts = await runSuite(
    readSuite(join(import.meta.dirname, '../../../../test/suites/data/authcheck-rspamd.json')),
    kinds['authcheck'],
    (line) => said.push(line),
  )
  t.equal(counts.failed, 0, said.join('\n'))
  t.ok(counts.passed >= 28)
})
