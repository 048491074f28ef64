/** Mail leaves signed where whoever queued it may write its From, and only then: the whole system, and other verifiers. */
import { spawnSync } from 'node:child_process'
import { createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { keyRecordOf, Verifier } from '@yabumi/dkim'
import t, { type Test } from 'tap'
import { sendMail } from '../support/dialogue.ts'
import { hostName, ScratchHome } from '../support/home.ts'
import { type Received, startSink } from '../support/sink.ts'
import { until } from '../support/wait.ts'

const keys: readonly (readonly [selector: string, key: KeyObject])[] = [
  ['r1', generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey],
  ['e1', generateKeyPairSync('ed25519').privateKey],
]
const records = new Map(keys.map(([selector, key]) => [`${selector}._domainkey.${hostName}`, keyRecordOf(createPublicKey(key))]))

const sink = await startSink()
t.teardown(() => sink.close())
const home = await ScratchHome.make(t, 'joe', 'ann')
home.control('smtproutes', `:127.0.0.1:${sink.port}\n`)
home.control('unknownusers', 'accept\n')
home.control('srs_domain', `srs.${hostName}\n`)
home.control('srs_secrets', 'secret\n')
home.userFile('joe', '.qmail', '&out@far.example\n')
mkdirSync(join(home.directory, 'control/dkim', hostName), { recursive: true, mode: 0o755 })
for (const [selector, key] of keys) {
  const path = join(home.directory, 'control/dkim', hostName, selector)
  writeFileSync(`${path}.key`, key.export({ format: 'pem', type: 'pkcs8' }) as string, { mode: 0o600 })
  writeFileSync(`${path}.state`, 'active 2026-11-30T22:00:00Z\n', { mode: 0o600 })
}
const running = await home.supervise()

/** What has come to the other host for this subject. */
async function arrived(subject: string): Promise<Received> {
  return until(
    () => `mail about ${subject}; the log so far:\n${running.log}`,
    () => sink.messages.find(({ text }) => text.includes(`\nSubject: ${subject}\n`)) ?? false,
  )
}

const wire = (text: string): Buffer => Buffer.from(text.replaceAll('\n', '\r\n'), 'latin1')

async function resultsOf({ text }: Received): Promise<string[]> {
  const verifier = new Verifier({
    nowSeconds: Date.now() / 1000,
    lookUp: async (name) => (records.has(name) ? { kind: 'found', records: [records.get(name) as string] } : { kind: 'nxdomain' }),
  })
  verifier.push(wire(text))
  return (await verifier.end()).map(({ result, domain, selector }) => `${selector} ${domain} ${result}`)
}

t.test('what a user of this host writes leaves with signatures, and the log says so', async (t) => {
  await home.inject(
    ['-f', `ann@${hostName}`, 'you@far.example'],
    `From: Ann <ann@${hostName}>\nSubject: written\n\nHello.\n.\n..x \t y\n\n`,
  )
  t.same(await resultsOf(await arrived('written')), [`r1 ${hostName} pass`, `e1 ${hostName} pass`])
  await running.logs(new RegExp(`rspawn: dkim: [0-9]+ d=${hostName} s=e1|s=r1\\+e1`))
})

t.test('a stranger who writes our address into From gets no signature by a forward', async (t) => {
  await sendMail(running.smtpPort, 'eve@far.example', [`joe@${hostName}`], `From: joe@${hostName}\r\nSubject: forged\r\n\r\nPay me.\r\n`)
  const received = await arrived('forged')
  t.match(received.sender, new RegExp(`^SRS0.*@srs\\.${hostName}$`))
  t.same(await resultsOf(received), [])
  const [[, number = ''] = []] = await running.logs(/rspawn: dkim: ([0-9]+) not signed: a \.qmail passes it on/)
  await running.emptied()
  const log = join(home.root, 'log')
  writeFileSync(log, running.log, 'latin1')
  t.match((await home.run('explain', ['--log', log, number])).stdout, /note: not signed: a \.qmail passes it on/)
})

t.test('a foreign From is left alone, and not spoken of', async (t) => {
  await home.inject(['-f', `ann@${hostName}`, 'you@far.example'], 'From: ann@else.example\nSubject: foreign\n\nHello.\n')
  t.same(await resultsOf(await arrived('foreign')), [])
})

t.test('a bounce of ours is signed', async (t) => {
  await sendMail(running.smtpPort, 'eve@far.example', [`nobody@${hostName}`], 'From: eve@far.example\r\nSubject: to nobody\r\n\r\nx\r\n')
  const bounce = await until('a bounce', () => sink.messages.find(({ text }) => text.includes('\nSubject: failure notice\n')) ?? false)
  t.same(await resultsOf(bounce), [`r1 ${hostName} pass`, `e1 ${hostName} pass`])
})

/** Other verifiers, with the records in a file. @returns undefined where the program is not there */
function run(t: Test, file: string, args: readonly string[], input: Buffer): string | undefined {
  const { status, stdout, stderr, error } = spawnSync(file, args, { input, encoding: 'latin1', timeout: 60_000 })
  if (error !== undefined || /ModuleNotFoundError|Can't locate Mail\/DKIM/.test(stderr)) return undefined
  t.comment(`${file} ended with ${status}: ${stderr.slice(0, 500)}`)
  return stdout + stderr
}

const python = `
import sys, dkim
records = dict(line.rstrip('\\n').split(' ', 1) for line in open(sys.argv[1]))
def txt(name, timeout=5):
    name = name.decode() if isinstance(name, bytes) else name
    return records.get(name.rstrip('.'), '').encode()
d = dkim.DKIM(sys.stdin.buffer.read())
print(d.verify(idx=0, dnsfunc=txt), d.verify(idx=1, dnsfunc=txt))
`
const perl = `
use Mail::DKIM::Verifier; use Mail::DKIM::PublicKey;
open my $in, '<', $ARGV[0]; my %records = map { chomp; split / /, $_, 2 } <$in>;
{ no warnings; *Mail::DKIM::PublicKey::fetch_async = sub { my ($class, %of) = @_;
  my $key = Mail::DKIM::PublicKey->parse($records{"$of{Selector}._domainkey.$of{Domain}"}); $key->{Domain} = $of{Domain}; $key->check;
  return sub { $of{Callbacks}{Success}->($key) } }; }
my $verifier = Mail::DKIM::Verifier->new; binmode STDIN; while (<STDIN>) { $verifier->PRINT($_) } $verifier->CLOSE; print $verifier->result, "\\n";
`

t.test('other verifiers say the same', async (t) => {
  const message = wire((await arrived('written')).text)
  const directory = t.testdir({
    records: [...records].map(([name, record]) => `${name} ${record}\n`).join(''),
    rsa: [...records]
      .filter(([, record]) => record.includes('k=rsa'))
      .map(([name, record]) => `${name} ${record}\n`)
      .join(''),
    'verify.py': python,
    'verify.pl': perl,
  })
  writeFileSync(join(directory, 'message'), message)
  writeFileSync(
    join(directory, 'conf'),
    `Mode v\nSyslog no\nTestPublicKeys ${join(directory, 'rsa')}\nUserID root\nOn-KeyNotFound accept\n`,
  )
  const dkimpy = run(t, '/usr/bin/python3', [join(directory, 'verify.py'), join(directory, 'records')], message)
  if (dkimpy === undefined) t.pass('dkimpy', { skip: 'python3-dkim is not installed' })
  else t.match(dkimpy, /^True True/, 'dkimpy: both')
  const mailDkim = run(t, 'perl', [join(directory, 'verify.pl'), join(directory, 'records')], message)
  if (mailDkim === undefined) t.pass('Mail::DKIM', { skip: 'libmail-dkim-perl is not installed' })
  else t.match(mailDkim, /^pass/, 'Mail::DKIM')
  const openDkim = run(t, 'opendkim', ['-x', join(directory, 'conf'), '-t', join(directory, 'message'), '-vvv'], Buffer.alloc(0))
  if (openDkim === undefined) t.pass('OpenDKIM', { skip: 'opendkim is not installed' })
  else t.match(openDkim, /dkim=pass/, 'OpenDKIM')
})
