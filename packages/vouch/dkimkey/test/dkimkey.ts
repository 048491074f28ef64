import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { dkimLifetimeSeconds, queueLifetimeSeconds } from '@yabumi/limits'
import { execa } from 'execa'
import t, { type Test } from 'tap'
import { type DnsServer, startDnsServer } from '../../../../test/support/dns-server.ts'

const program = join(import.meta.dirname, '../../../../bin/dkimkey')

interface Home {
  readonly path: string
  readonly dns: DnsServer
  run(...args: string[]): Promise<{ out: string; err: string; code: number | undefined }>
  state(selector: string): string
  /** As if the last change had been so long ago. */
  age(selector: string, seconds: number): void
}

async function makeHome(t: Test): Promise<Home> {
  const dns = await startDnsServer({})
  t.teardown(() => dns.close())
  const path = t.testdir({ control: { me: 'mail.example.org\n', resolvers: `${dns.address}\n` } })
  const file = (selector: string): string => join(path, 'control/dkim/example.org', `${selector}.state`)
  return {
    path,
    dns,
    async run(...args) {
      const { stdout, stderr, exitCode } = await execa(program, args, { env: { YABUMI_HOME: path }, reject: false })
      return { out: stdout, err: stderr, code: exitCode }
    },
    state: (selector) => readFileSync(file(selector), 'latin1').split(' ')[0] ?? '',
    age(selector, seconds) {
      const earlier = (time: string): string => new Date(Date.parse(time) - seconds * 1000).toISOString().replace(/\.000Z$/, 'Z')
      writeFileSync(file(selector), readFileSync(file(selector), 'latin1').replace(/[0-9-]{10}T[0-9:]{8}Z/g, earlier))
    },
  }
}

/** The records that `new` has printed, as names and texts. */
function recordsIn(out: string): Record<string, { TXT: string[] }> {
  const lines = [...out.matchAll(/^(\S+)\. IN TXT (.*)$/gm)]
  return Object.fromEntries(
    lines.map(([, name = '', data = '']) => [name, { TXT: [[...data.matchAll(/"([^"]*)"/g)].map(([, text]) => text).join('')] }]),
  )
}

t.test('a pair of keys is made, with the rights that keys have, and its records are printed', async (t) => {
  const home = await makeHome(t)
  const { out, code } = await home.run('new', 'Example.ORG')
  t.equal(code, 0)
  const records = recordsIn(out)
  t.match(Object.keys(records), [/^[0-9]{6}a\._domainkey\.example\.org$/, /^[0-9]{6}e\._domainkey\.example\.org$/])
  t.match(Object.values(records), [
    { TXT: [/^v=DKIM1; k=rsa; p=[A-Za-z0-9+/]{392}$/] },
    { TXT: [/^v=DKIM1; k=ed25519; p=[A-Za-z0-9+/=]{44}$/] },
  ])
  for (const [, text = ''] of out.matchAll(/"([^"]*)"/g)) t.ok(text.length <= 255, 'a string of the DNS')
  for (const name of Object.keys(records)) t.ok(`${out}\n`.includes(`; ${name}\n; ${records[name]?.TXT[0]}\n`), 'in one piece as well')
  const directory = join(home.path, 'control/dkim/example.org')
  for (const name of readdirSync(directory)) t.equal(statSync(join(directory, name)).mode & 0o7777, 0o600, name)
  t.equal(statSync(directory).mode & 0o7777, 0o700)
  t.match((await home.run('list')).out, /^example\.org [0-9]{6}a rsa new since [0-9-]{10}\nexample\.org [0-9]{6}e ed25519 new since/)
})

t.test('keys sign once the DNS shows them, and those of a later pair take their place', async (t) => {
  const home = await makeHome(t)
  const first = recordsIn((await home.run('new', 'example.org')).out)
  const month = Object.keys(first)[0]?.slice(0, 6) ?? ''
  const missing = await home.run('check')
  t.equal(missing.code, 1)
  t.ok(missing.out.includes(`example.org: ${month}a is not in the DNS; publish\n${month}a._domainkey.example.org. IN TXT`))
  t.equal(home.state(`${month}a`), 'new')

  home.dns.setZone(first)
  const seen = await home.run('check', 'example.org')
  t.equal(seen.code, 0)
  t.match([home.state(`${month}a`), home.state(`${month}e`)], ['active', 'active'], 'the first ones at once')
  t.same(await home.run('check'), { out: '', err: '', code: 0 }, 'and nothing is left to be said')

  const second = recordsIn((await home.run('new', 'example.org')).out)
  const lasting = Object.fromEntries(Object.entries(first).map(([name, record]) => [name, { ...record, ttl: 7_200 }]))
  home.dns.setZone({ ...lasting, ...second })
  t.match(await home.run('check'), { code: 0, out: /is in the DNS; it signs in 120 minutes/ })
  t.match([home.state(`${month}a`), home.state(`${month}b`)], ['active', 'new'])
  for (const letter of 'bf') home.age(`${month}${letter}`, 7_200 - 60)
  await home.run('check')
  t.equal(home.state(`${month}b`), 'new')
  for (const letter of 'bf') home.age(`${month}${letter}`, 60)
  t.match(await home.run('check'), { code: 0, out: new RegExp(`${month}b is active now.*\n.*${month}a is retiring now`) })
  t.match([home.state(`${month}a`), home.state(`${month}e`), home.state(`${month}f`)], ['retiring', 'retiring', 'active'])

  home.age(`${month}a`, dkimLifetimeSeconds + queueLifetimeSeconds - 60)
  await home.run('check')
  t.equal(home.state(`${month}a`), 'retiring')
  home.age(`${month}a`, 60)
  t.match((await home.run('check')).out, /a is retired now: remove its record/)
})

t.test('a key whose record is gone signs no more; where the DNS does not answer, nothing changes', async (t) => {
  const home = await makeHome(t)
  const first = recordsIn((await home.run('new', 'example.org')).out)
  const month = Object.keys(first)[0]?.slice(0, 6) ?? ''
  home.dns.setZone(first)
  await home.run('check')
  home.dns.setZone({ [`${month}a._domainkey.example.org`]: 'SERVFAIL', [`${month}e._domainkey.example.org`]: { TXT: ['v=DKIM1; p='] } })
  t.equal((await home.run('check')).code, 1)
  t.match([home.state(`${month}a`), home.state(`${month}e`)], ['active', 'new'])
  home.dns.setZone({ [`${month}a._domainkey.example.org`]: { TXT: ['v=DKIM1; k=rsa; p=MIIB'] } })
  await home.run('check')
  t.equal(home.state(`${month}a`), 'new', 'also where the record has another key')
})

t.test('a key is activated and retired by hand', async (t) => {
  const home = await makeHome(t)
  const first = recordsIn((await home.run('new', 'example.org')).out)
  const month = Object.keys(first)[0]?.slice(0, 6) ?? ''
  t.match(await home.run('activate', 'example.org', `${month}a`), { code: 100, err: /the DNS does not show/ })
  t.match(await home.run('activate', 'example.org', `${month}a`, '--force'), { code: 0 })
  t.equal(home.state(`${month}a`), 'active')
  home.dns.setZone({ ...first, ...recordsIn((await home.run('new', 'example.org')).out) })
  t.match(await home.run('activate', 'example.org', `${month}b`), { code: 0, err: '' })
  t.match([home.state(`${month}a`), home.state(`${month}b`)], ['retiring', 'active'])
  await home.run('retire', 'example.org', `${month}b`)
  await home.run('retire', 'example.org', `${month}e`)
  t.match([home.state(`${month}b`), home.state(`${month}e`)], ['retiring', 'retired'])
})

t.test('with 0 in dkimautoactivate nothing becomes active by itself', async (t) => {
  const home = await makeHome(t)
  writeFileSync(join(home.path, 'control/dkimautoactivate'), '0\n')
  const first = recordsIn((await home.run('new', 'example.org')).out)
  home.dns.setZone(first)
  t.match(await home.run('check'), { code: 0, out: /is in the DNS; activate it/ })
  t.equal(home.state(Object.keys(first)[0]?.slice(0, 7) ?? ''), 'new')
})

t.test('a wrong command line changes nothing', async (t) => {
  const home = await makeHome(t)
  for (const args of [
    [],
    ['old'],
    ['new'],
    ['new', '../x.example'],
    ['new', 'example'],
    ['retire', 'example.org'],
    ['new', 'a.example', 's'],
  ])
    t.equal((await home.run(...args)).code, 100, args.join(' '))
  t.match(await home.run('retire', 'example.org', 's'), { code: 100, err: /has no key s/ })
  t.same(readdirSync(join(home.path, 'control')).sort(), ['me', 'resolvers'])
})
