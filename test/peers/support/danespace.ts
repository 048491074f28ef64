/**
 * A network name space with nsd, unbound and mail hosts, and what posttls-finger and our remote make of each host there:
 * `unshare --net --mount node danespace.ts HOME DIRECTORY` prints a line of JSON.
 *
 * HOME is a scratch home, DIRECTORY an empty one. With the process everything is gone.
 */
import { createHash } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { createConnection } from 'node:net'
import { join } from 'node:path'
import { execa } from 'execa'
import type { Test } from 'tap'
import { startTlsHost } from '../../../packages/relay/smtpclient/test/support/tlshost.ts'
import { bundle, makeCertificate, read } from '../../certificates.ts'
import { until } from '../../support/wait.ts'

/** What came of a host. */
export interface Verdicts {
  /** A line of posttls-finger that says so. */
  readonly finger: string
  /** The report of remote. */
  readonly ours: string
}

const [home = '', directory = ''] = process.argv.slice(2)
const ends: (() => unknown)[] = []
const cleaner = { teardown: (work: () => unknown): void => void ends.unshift(work) }
const at = (name: string): string => join(directory, name)
const nsdPort = 5353

async function run(program: string, ...args: string[]): Promise<string> {
  const { stdout } = await execa(program, args, { cwd: directory })
  return stdout
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ port, host: '127.0.0.1' })
    socket
      .on('connect', () => socket.destroy())
      .on('close', (failed) => resolve(!failed))
      .on('error', () => undefined)
  })
}

function start(program: string, ...args: string[]): void {
  const child = execa(program, args, { cwd: directory, reject: false, stdio: 'ignore' })
  cleaner.teardown(() => {
    child.kill('SIGTERM')
    return child
  })
}

/** A zone file, and its signed one. @returns the key to trust */
async function zone(name: string, records: readonly string[], signed: boolean): Promise<string> {
  const soa = `@ 300 SOA ns.${name}. x.${name}. 1 300 300 3000 300\n@ 300 NS ns.${name}.\nns 300 A 127.0.0.1\n`
  writeFileSync(at(name), `$ORIGIN ${name}.\n$TTL 300\n${soa}${records.join('\n')}\n`)
  if (!signed) return ''
  const key = await run('ldns-keygen', '-a', 'ECDSAP256SHA256', '-k', name)
  await run('ldns-signzone', '-n', '-f', `${name}.signed`, name, key)
  return at(`${key}.key`)
}

const hostNames = ['good', 'wrong', 'expired', 'insecure', 'bogus'] as const
type HostName = (typeof hostNames)[number]
const nameOf = (host: HostName): string => `mx-${host}.${host === 'insecure' ? 'plain' : host === 'bogus' ? 'bogus' : 'dane'}.test`

async function verdicts(): Promise<Record<string, Verdicts>> {
  await run('ip', 'link', 'set', 'lo', 'up')
  writeFileSync(at('resolv.conf'), 'nameserver 127.0.0.1\noptions edns0 trust-ad\n')
  await run('mount', '--bind', at('resolv.conf'), '/etc/resolv.conf')
  const records: Record<string, string[]> = { dane: [], plain: [], bogus: [] }
  const ports = new Map<HostName, number>()
  for (const host of hostNames) {
    const name = nameOf(host)
    const certified = makeCertificate(directory, name, { names: [name], ...(host === 'expired' ? { days: -1 } : {}) })
    const { port } = await startTlsHost(cleaner as unknown as Test, { bundle: bundle(directory, certified) })
    ports.set(host, port)
    const spki = read(certified).publicKey.export({ type: 'spki', format: 'der' })
    const digest = createHash('sha256')
      .update(host === 'wrong' || host === 'insecure' ? 'another key' : spki)
      .digest('hex')
    const label = name.split('.')[0] as string
    records[name.split('.')[1] as string]?.push(`${label} 300 A 127.0.0.1`, `_${port}._tcp.${label} 300 TLSA 3 1 1 ${digest}`)
  }
  const anchor = await zone('dane.test', records['dane'] ?? [], true)
  await zone('plain.test', records['plain'] ?? [], false)
  await zone('bogus.test', records['bogus'] ?? [], true)
  const foreign = await run('ldns-keygen', '-a', 'ECDSAP256SHA256', '-k', 'bogus.test') // not the one that it is signed with
  const zones = [
    ['dane.test', 'dane.test.signed'],
    ['plain.test', 'plain.test'],
    ['bogus.test', 'bogus.test.signed'],
  ] as const
  const served = zones.map(([name, file]) => `zone:\n name: ${name}\n zonefile: ${at(file)}\n`)
  const nsd = `server:\n ip-address: 127.0.0.1@${nsdPort}\n username: ""\n zonesdir: "${directory}"\n pidfile: ""\n`
  const files = `database: ""\n xfrdfile: "${at('xfrd')}"\n zonelistfile: "${at('zonelist')}"\n xfrdir: "${directory}"\n`
  writeFileSync(at('nsd.conf'), `${nsd} ${files}remote-control:\n control-enable: no\n${served.join('')}`)
  const stubs = zones.map(([name]) => `stub-zone:\n name: ${name}\n stub-addr: 127.0.0.1@${nsdPort}\n`)
  const unbound = [
    'server:',
    'interface: 127.0.0.1',
    'username: ""',
    'chroot: ""',
    'pidfile: ""',
    `directory: "${directory}"`,
    'do-not-query-localhost: no',
    'local-zone: "test." nodefault',
    `trust-anchor-file: "${anchor}"`,
    `trust-anchor-file: "${at(`${foreign}.key`)}"`,
    'module-config: "validator iterator"',
  ]
  writeFileSync(at('unbound.conf'), `${unbound.join('\n ')}\nremote-control:\n control-enable: no\n${stubs.join('')}`)
  start('nsd', '-d', '-c', at('nsd.conf'))
  start('unbound', '-d', '-c', at('unbound.conf'))
  for (const port of [nsdPort, 53]) await until(`a DNS server at port ${port}`, () => accepts(port))
  writeFileSync(at('main.cf'), 'compatibility_level = 3.6\nsmtp_dns_support_level = dnssec\n')
  writeFileSync(join(home, 'control/resolvers'), '127.0.0.1\n')
  writeFileSync(join(home, 'control/dane'), '1\n')
  const result: Record<string, Verdicts> = {}
  for (const host of hostNames) {
    const [name, port] = [nameOf(host), ports.get(host) as number]
    writeFileSync(join(home, 'control/smtproutes'), `${host}.example:${name}:${port}\n`)
    const finger = await execa('posttls-finger', ['-c', '-l', 'dane', '-L', 'summary', '-t', '10', `[${name}]:${port}`], {
      env: { MAIL_CONFIG: directory },
      all: true,
      reject: false,
    })
    const remote = await execa(join(home, 'bin/remote'), [`${host}.example`, 's@x.example', `r@${host}.example`], {
      env: { YABUMI_HOME: home, PATH: process.env['PATH'] ?? '' },
      extendEnv: false,
      input: 'Subject: x\n\nx\n',
      all: true,
      reject: false,
    })
    result[host] = { finger: finger.all, ours: remote.all }
  }
  return result
}

try {
  process.stdout.write(`${JSON.stringify(await verdicts())}\n`)
} finally {
  for (const end of ends) await end()
}
