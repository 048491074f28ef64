/**
 * The page "first day of a domain", command by command, as its reader types them. Run by ../firstday.ts.
 *
 * What the reader would do in between is done too: the records are put into a DNS, the address of the host is the one that they name, and the
 * last command of quickstart runs. The home is a scratch one, so `/var/yabumi` is read as that.
 */
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { execa } from 'execa'
import t from 'tap'
import { startDnsServer, type Zone } from '../../support/dns-server.ts'
import { amRoot, checkout } from '../../support/home.ts'
import { missing } from '../../support/programs.ts'
import { until } from '../../support/wait.ts'
import { authorityName, pebble, startAuthority } from './letsencrypt.ts'
import { hasOwnEtc } from './ownetc.ts'
import { zoneOf } from './printed.ts'
import { System } from './system.ts'

const page = readFileSync(join(checkout, 'docs/first-day.md'), 'utf8')
/** Those of its code blocks, which are indented by four blanks. */
const commands = [...page.matchAll(/^ {4}(\S.*)$/gm)].map(([, command = '']) => command)
const skip = !amRoot ? 'only root makes a mail host' : missing('useradd', 'curl', pebble) || (!hasOwnEtc() && 'no name spaces here')
const where = { NS: ['ns.example.net'] } as const

t.test('each command of the page is one that this test knows', (t) => {
  t.same(
    commands.map((command) => command.replace('/var/yabumi/bin/', '')),
    [
      'make install',
      'quickstart --dry-run anna@example.org',
      'quickstart anna@example.org',
      'dnsadvice --check example.org',
      'dkimkey check',
      "echo 'email anna@example.org' > /var/yabumi/control/acme",
      'acme',
      'mailbox add ben@example.org',
    ],
  )
  t.end()
})

t.test('they do what the page says', { skip }, async (t) => {
  const system = new System(t)
  const { home, prefix, accountPrefix } = system
  const dns = await startDnsServer({}, '127.0.0.1', 53)
  t.teardown(() => dns.close())
  rmSync('/etc/resolv.conf', { force: true }) // it may be a link to elsewhere
  writeFileSync('/etc/resolv.conf', 'nameserver 127.0.0.1\n')
  const { vouches, root } = await startAuthority(t, system.root, dns.address)
  const environment = { PREFIX: prefix, YABUMI_HOME: home, ACCOUNT_PREFIX: accountPrefix, NODE_EXTRA_CA_CERTS: vouches, NATIVE: '0' }
  const path = { PATH: `${join(checkout, '.runtime')}:/usr/sbin:/usr/bin:/sbin:/bin` }
  const shell = (command: string, input = '') =>
    execa('sh', ['-c', command.replaceAll('/var/yabumi', home)], {
      cwd: checkout,
      env: { ...path, ...environment },
      extendEnv: false,
      input,
      reject: false,
    })
  let next = 0
  /** The next command of the page. */
  const reader = async (begin: string, input = '') => {
    const command = commands[next] ?? ''
    next += 1
    t.ok(command.includes(begin), `${command} is about ${begin}`)
    const answer = await shell(command, input)
    t.equal(answer.exitCode, 0, `${command}\n${answer.stdout}\n${answer.stderr}`)
    return answer
  }

  await reader('make install')
  t.match((await reader('quickstart')).stdout, /^mailbox: anna@example\.org /m)
  const { stdout } = await reader('quickstart')
  const [, secret = ''] = /the password of anna@example\.org is (\S+)$/m.exec(stdout) ?? []
  const [, records = '', start = ''] = /\nThe records to publish:\n([\s\S]*)\nNext: (.*)\s*$/.exec(stdout) ?? []

  const served = execa('sh', ['-c', `exec ${start}`], {
    env: { PATH: '/usr/bin:/bin' },
    extendEnv: false,
    cwd: '/',
    reject: false,
    all: true,
  })
  t.teardown(async () => {
    served.kill('SIGTERM')
    await served
  })
  const zone: Zone = { ...zoneOf(records), 'ns.example.net': { A: ['127.0.0.1'] }, [authorityName]: { A: ['127.0.0.1'] } }
  dns.setZone({ ...zone, 'example.org': { ...(zone['example.org'] as object), ...where }, '2.0.192.in-addr.arpa': where })
  t.equal((await reader('dnsadvice --check')).stdout, '', 'nothing is missing or wrong')
  t.match((await reader('dkimkey check')).stdout, /active/, 'the keys can be seen, so mail is signed from now on')

  await until('webfiles has port 80, as the last command of quickstart has said', () =>
    fetch('http://127.0.0.1/').then(
      () => true,
      () => false,
    ),
  )
  await reader('control/acme')
  t.match((await reader('bin/acme')).stdout, /^mail\.example\.org: \d+ days left/m)

  await reader('mailbox add', `${secret}-ben\n`)
  writeFileSync(join(home, 'alias/.qmail-example:org-sales'), '&ben@example.org\n')
  await shell('/var/yabumi/bin/inject sales@example.org', 'Subject: an offer\n\nx\n')
  const fetched = () => curl('imaps://mail.example.org/INBOX;MAILINDEX=1', `ben@example.org:${secret}-ben`, root)
  t.ok(
    await until('ben has the mail for sales, by the settings of the page', async () => {
      const isThere = (await fetched()).includes('Subject: an offer')
      if (!isThere) await new Promise((resolve) => setTimeout(resolve, betweenFetchesMilliseconds))
      return isThere
    }),
  )
  t.equal(next, commands.length, 'no command is left out')
})

/** Longer than a second: a client's network has sixty handshakes a minute (control/tlsrateperip). */
const betweenFetchesMilliseconds = 1_500

/** As a phone, which believes the certificates of authorities that it knows: here of the test's alone. */
async function curl(url: string, login: string, root: string): Promise<string> {
  return (await execa('curl', ['-sS', '--cacert', root, '--user', login, url], { reject: false })).stdout
}
