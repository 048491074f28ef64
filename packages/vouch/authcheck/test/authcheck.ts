import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { execa } from 'execa'
import t, { type Test } from 'tap'
import { kinds } from '../../../../test/suites/kinds.ts'
import { readSuite, runSuite, zoneOf } from '../../../../test/suites/suite.ts'
import { startDnsServer } from '../../../../test/support/dns-server.ts'
import { WireLineEnds } from '../src/lineends.ts'

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
        '\tdkim=pass header.d=football.example.com header.s=brisbane header.a=ed25519-sha256 header.b="/gCrinpc";\n' +
        '\tdkim=pass header.d=football.example.com header.s=test header.a=rsa-sha256 header.b=F45dVWDf;\n' +
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
  t.match(
    (await check(home, 'From: a@b.example\n\nhello\n', '--json')).out,
    /^\{"dkim":\[\],"arc":\{"result":"none","sealers":\[\]\},"header":"Authentication-Results: mail.example.org;\\n\\tdkim=none;\\n\\tarc=none"\}$/,
  )
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

t.test('a wrong command line is refused, and a zone that cannot be read is trouble', async (t) => {
  const home = homeOf(t)
  t.equal((await check(home, message, '--nonsense')).code, 100)
  t.equal((await check(home, message, 'argument')).code, 100)
  t.match(await check(home, message, '--zone', join(home, 'control/me')), { code: 111, err: /^authcheck: unable to read the zone in / })
})

t.test('line ends become those of the wire, however the message is cut', async (t) => {
  const text = `${readFileSync(import.meta.filename, 'latin1').slice(0, 2_000)}a\r\nb\r\rc\n\n\r\n`
  const expected = text.replace(/(?<!\r)\n/g, '\r\n')
  for (const size of [1, 2, 7, 5_000]) {
    const ends = new WireLineEnds()
    let wire = ''
    for (let at = 0; at < text.length; at += size) wire += ends.convert(Buffer.from(text.slice(at, at + size), 'latin1')).toString('latin1')
    t.equal(wire, expected, `pieces of ${size}`)
  }
})

t.test('what others know of whole messages is right here, as far as it is looked at', async (t) => {
  const said: string[] = []
  const counts = await runSuite(
    readSuite(join(import.meta.dirname, '../../../../test/suites/data/authcheck-rspamd.json')),
    kinds['authcheck'],
    (line) => said.push(line),
  )
  t.equal(counts.failed, 0, said.join('\n'))
  t.ok(counts.passed >= 5)
})
