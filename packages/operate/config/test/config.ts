import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { hostname, networkInterfaces, tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { startDnsServer, type Zone } from '../../../../test/support/dns-server.ts'
import { checkout } from '../../../arrive/smtpd/test/scratch/home.ts'
import { fullName } from '../src/names.ts'

/** A directory whose control/resolvers names a server with this zone. */
async function directoryWith(t: Test, zone: Zone): Promise<string> {
  const directory = mkdtempSync(join(tmpdir(), 'config-'))
  t.teardown(() => rmSync(directory, { recursive: true, force: true }))
  const server = await startDnsServer(zone)
  t.teardown(() => server.close())
  mkdirSync(join(directory, 'control'))
  writeFileSync(join(directory, 'control/resolvers'), `${server.address}\n`)
  return directory
}

async function config(home: string, ...args: readonly string[]): Promise<{ code: number | null; said: string; complaint: string }> {
  const env = { PATH: process.env['PATH'] ?? '', YABUMI_HOME: home, LOCALDOMAIN: 'search.example' }
  const child = spawn(join(checkout, 'bin/config'), args, { env, stdio: ['ignore', 'pipe', 'pipe'] })
  let said = ''
  let complaint = ''
  child.stdout.on('data', (bytes: Buffer) => {
    said += bytes.toString()
  })
  child.stderr.on('data', (bytes: Buffer) => {
    complaint += bytes.toString()
  })
  const [code] = (await once(child, 'close')) as [number | null]
  return { code, said, complaint }
}

const name = hostname().toLowerCase()
const address = networkInterfaces()['lo']?.find(({ family }) => family === 'IPv4')?.address ?? '127.0.0.1'
const pointer = `${address.split('.').reverse().join('.')}.in-addr.arpa`

t.test('config finds the full name behind an alias, and further names of the addresses', async (t) => {
  const home = await directoryWith(t, {
    [`${name}.search.example`]: { CNAME: 'mx.real.some.example' },
    'mx.real.some.example': { A: [address] },
    [pointer]: { PTR: ['Other.Example'] },
    'other.example': { A: ['192.0.2.1', address] },
  })
  const { code, said } = await config(home)
  t.equal(code, 0)
  t.match(said, `Its full name in the DNS is mx.real.some.example.\n`)
  t.match(said, `${address}: other.example is a name of this host.\n`)
  const control = (file: string): string => readFileSync(join(home, 'control', file), 'latin1')
  t.equal(control('me'), 'mx.real.some.example\n')
  t.equal(control('defaultdomain'), 'real.some.example\n')
  t.equal(control('locals'), 'mx.real.some.example\nother.example\n')
  t.equal(control('rcpthosts'), control('locals'))
  t.ok(existsSync(join(home, 'queue/lock/trigger')))
})

t.test('config makes nothing where the DNS does not know this host', async (t) => {
  const home = await directoryWith(t, {})
  const { code, complaint } = await config(home)
  t.equal(code, 111)
  t.match(complaint, /^config: the DNS has no address for .*; say the full name of this host with config-fast HOST\n$/)
  t.notOk(existsSync(join(home, 'queue')))
  t.match(await config(home, 'x'), { code: 100, complaint: /^config: usage: / })
})

t.test('a short name is looked for in the search domains only, the first that has an address', async (t) => {
  const directory = await directoryWith(t, {
    short: { A: ['192.0.2.9'] },
    'short.b.example': { A: ['192.0.2.1'] },
    'long.c.example': { A: ['192.0.2.2'] },
    'ring.example': { CNAME: 'ring.example' },
  })
  const here = process.cwd()
  t.teardown(() => process.chdir(here))
  process.chdir(directory)
  t.equal(await fullName('Short', ['a.example', 'b.example']), 'short.b.example')
  t.equal(await fullName('short', []), undefined)
  t.equal(await fullName('long.c', ['b.example', 'example']), 'long.c.example')
  t.equal(await fullName('ring.example', []), undefined)
})

t.test('a name that only claims to be ours is no name of this host', async (t) => {
  const home = await directoryWith(t, {
    [pointer]: { PTR: ['bank.example'] },
    'bank.example': { A: ['192.0.2.1'] },
  })
  const { namesOfAddresses } = await import('../src/names.ts')
  const here = process.cwd()
  t.teardown(() => process.chdir(here))
  process.chdir(home)
  t.same(await namesOfAddresses(() => {}), [])
})
