/**
 * Install the Debian packages that some tests talk to: mail clients, other mail systems, supervisors, tracers.
 *
 * Only as root and where apt-get is; a package that cannot be had is said aloud and its tests say so again. Nothing is
 * started: policy-rc.d(8) forbids it while packages are unpacked, and is put back as it was.
 */
import { existsSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { execa } from 'execa'

const clients = ['swaks', 'curl', 'gsasl', 'mutt', 's-nail', 'bsd-mailx', 'msmtp', 'mpop', 'fetchmail', 'getmail6', 'gnutls-bin']
const readers = ['isync', 'neomutt', 'offlineimap3', 'imapfilter', 'interimap', 'alpine', 'aerc', 'libmail-imapclient-perl']
const webmail = ['roundcube-core', 'roundcube-sqlite3', 'php-sqlite3', 'chromium']
const senders = ['git-email', 'php-cli', 'libmime-lite-perl', 'libmail-sendmail-perl']
const systems = [
  'postfix',
  'ucspi-tcp',
  'procmail',
  'maildrop',
  'tinycdb',
  'daemontools',
  's6',
  'runit',
  'systemd',
  'dovecot-pop3d',
  'dovecot-imapd',
  'fail2ban',
]
const qmailish = ['safecat', 'fastforward', 'mlmmj', 'qpsmtpd', 'mailfront', 'checkpw', 'logwatch']
const verifiers = ['rspamd', 'python3-dkim', 'python3-nacl', 'libmail-dkim-perl', 'opendkim']
const filters = ['clamav-daemon', 'clamav-milter', 'spamassassin', 'spamd', 'spamc']
const tools = ['zsh', 'fish', 'pebble', 'strace', 'faketime', 'mandoc', 'man-db']
const servers = ['nsd', 'unbound', 'ldnsutils', 'haproxy']
const policy = '/usr/sbin/policy-rc.d'
const env = { DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1', LC_ALL: 'C' }

async function isInstalled(name: string): Promise<boolean> {
  const { stdout } = await execa('dpkg-query', ['-s', name], { reject: false })
  return stdout.includes('\nStatus: install ok installed\n')
}

async function aptGet(...args: string[]): Promise<string | undefined> {
  const options = ['-qq', '-o', 'DPkg::Lock::Timeout=120', '-o', 'Acquire::Retries=2']
  const { exitCode, stderr, timedOut } = await execa('apt-get', [...options, ...args], {
    env,
    reject: false,
    timeout: 300_000,
    stdin: 'ignore',
  })
  if (exitCode === 0) return undefined
  return timedOut ? 'apt-get took more than five minutes' : (stderr.split('\n').find((line) => line.startsWith('E:')) ?? 'apt-get failed')
}

/** Run with services forbidden to start. */
async function withoutStarting<T>(work: () => Promise<T>): Promise<T> {
  const kept = `${policy}.before-yabumi-peers`
  if (existsSync(policy) && !existsSync(kept)) renameSync(policy, kept)
  writeFileSync(policy, '#!/bin/sh\nexit 101\n', { mode: 0o755 })
  try {
    return await work()
  } finally {
    if (existsSync(kept)) renameSync(kept, policy)
    else rmSync(policy, { force: true })
  }
}

async function install(names: readonly string[]): Promise<string[]> {
  const answers = [
    'postfix postfix/main_mailer_type select No configuration', // its programs are wanted, not its service
    'roundcube-core roundcube/dbconfig-install boolean false', // a test brings its own database
  ]
  await execa('debconf-set-selections', [], { input: `${answers.join('\n')}\n`, reject: false })
  await aptGet('update')
  if ((await aptGet('install', '-y', '--no-install-recommends', ...names)) === undefined) return []
  const problems: string[] = []
  for (const name of names) {
    const problem = (await isInstalled(name)) ? undefined : await aptGet('install', '-y', '--no-install-recommends', name)
    if (problem !== undefined) problems.push(`NOT INSTALLED: ${name}: ${problem}`)
  }
  return problems
}

/**
 * Install what is missing.
 *
 * @returns a line for each package that could not be had; empty when all are there
 */
export async function installPeers(): Promise<string[]> {
  const names = [...clients, ...readers, ...webmail, ...senders, ...systems, ...qmailish, ...verifiers, ...filters, ...servers, ...tools]
  if (!existsSync('/usr/bin/apt-get')) return ['NOT INSTALLED: the Debian packages that some tests talk to (no apt-get here)']
  const installed = await Promise.all(names.map(isInstalled))
  const missing = names.filter((_, index) => !installed[index])
  if (missing.length === 0) return []
  process.stdout.write(`installing for the tests: ${missing.join(' ')}\n`)
  return withoutStarting(() => install(missing))
}

if (process.argv[1] === import.meta.filename) {
  const problems = process.getuid?.() === 0 ? await installPeers() : ['only root can install packages']
  for (const problem of problems) process.stderr.write(`${problem}\n`)
  process.exitCode = problems.length === 0 ? 0 : 111
}
