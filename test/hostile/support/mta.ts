/**
 * Another mail system as the next hop: Debian's package, unpacked over this machine's file system in a mount and process name
 * space of its own. Nothing is installed, no account is made, no service is started; with its process everything is gone.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, globSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { amRoot, type Cleaner, checkout } from '../../support/home.ts'
import { freePort } from '../../support/ports.ts'
import { until } from '../../support/wait.ts'

export interface MailSystem {
  readonly name: string
  /** Debian packages to unpack. */
  readonly packages: readonly string[]
  /** Lines for /etc/passwd and /etc/group, where the names are not there yet. */
  readonly accounts: readonly string[]
  /** Shell commands that make its directories and configuration, for a port of 127.0.0.1, and become it in the foreground. */
  start(port: number): string
}

const cache = join(checkout, '.runtime/debs')

/** Fetch the packages. @returns why this machine cannot run the system, or undefined */
export async function unavailable(system: MailSystem): Promise<string | undefined> {
  if (!amRoot) return 'needs root, for a mount name space'
  if (!existsSync('/usr/bin/apt-get')) return 'needs the packages of Debian'
  const mounts = await execa('unshare', ['--mount', '--pid', '--fork', 'true'], { reject: false })
  if (mounts.exitCode !== 0) return 'this machine allows no mount name space'
  mkdirSync(cache, { recursive: true })
  const missing = system.packages.filter((name) => globSync(`${name}_*.deb`, { cwd: cache }).length === 0)
  if (missing.length === 0) return undefined
  await execa('apt-get', ['-qq', 'update'], { reject: false, timeout: 120_000 })
  const { exitCode } = await execa('apt-get', ['-qq', 'download', ...missing], { cwd: cache, reject: false, timeout: 120_000 })
  return exitCode === 0 ? undefined : `no packages to be had: ${missing.join(', ')}`
}

export class RunningMta {
  readonly port: number
  readonly #place: string
  readonly #child: ChildProcess
  /** What it and its start have said. */
  log = ''

  private constructor(system: MailSystem, port: number) {
    this.port = port
    this.#place = mkdtempSync(join(realpathSync(tmpdir()), 'yabumi-mta-'))
    for (const name of ['upper', 'work', 'root', 'mail']) mkdirSync(join(this.#place, name))
    const debs = system.packages.flatMap((name) => globSync(`${name}_*.deb`, { cwd: cache }).map((file) => join(cache, file)))
    writeFileSync(join(this.#place, 'inside'), `set -e\nPATH=/usr/sbin:/sbin:/usr/bin:/bin\n${system.start(port)}\n`)
    const outside = `set -e
cd "$0"
mount -t overlay overlay -o lowerdir=/,upperdir=upper,workdir=work root
mount --rbind /dev root/dev
mount -t proc proc root/proc
for deb in ${debs.join(' ')}; do dpkg --fsys-tarfile "$deb" | tar -x --keep-directory-symlink -C root; done
while IFS= read -r line; do grep -q "^\${line%%:*}:" root/etc/\${line##*|} || echo "\${line%|*}" >>root/etc/\${line##*|}; done <<'END'
${system.accounts.join('\n')}
END
mkdir -p root/mail && mount --bind mail root/mail && chmod 777 root/mail
cp inside root/inside
chroot root sh /inside &
read -r _ # the test's end; the first process of the name space takes all others with it`
    this.#child = spawn('unshare', ['--mount', '--pid', '--fork', 'sh', '-c', outside, this.#place], {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: { PATH: '/usr/sbin:/sbin:/usr/bin:/bin', LC_ALL: 'C' },
    })
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.on('data', (text: Buffer) => {
        this.log += text.toString('latin1')
      })
    }
  }

  /** @returns once it greets */
  static async start(cleaner: Cleaner, system: MailSystem): Promise<RunningMta> {
    const mta = new RunningMta(system, await freePort())
    cleaner.teardown(() => mta.#stop())
    await until(
      () => `${system.name} greets; it said:\n${mta.log}`,
      () => mta.#child.exitCode !== null || greets(mta.port),
    )
    if (mta.#child.exitCode !== null) throw new Error(`${system.name} ended: ${mta.log}`)
    return mta
  }

  /** The messages that it has delivered to its one Maildir, as stored. */
  mailbox(): string[] {
    const directory = join(this.#place, 'mail/box/new')
    if (!existsSync(directory)) return []
    return readdirSync(directory).map((name) => readFileSync(join(directory, name), 'latin1'))
  }

  async #stop(): Promise<void> {
    const ended = new Promise((resolve) => this.#child.once('close', resolve))
    this.#child.stdin?.end()
    if (this.#child.exitCode === null && this.#child.signalCode === null) await ended
    rmSync(this.#place, { recursive: true, force: true })
  }
}

function greets(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.on('error', () => resolve(false)).on('close', () => resolve(false))
    socket.on('data', () => {
      resolve(true)
      socket.destroy()
    })
  })
}

/** The mail domain that all of them take for their own. */
export const nextDomain = 'next.example'

export const postfix: MailSystem = {
  name: 'Postfix',
  packages: ['postfix'],
  accounts: ['postfix:x:990:990::/nonexistent:/bin/false|passwd', 'postfix:x:990:|group', 'postdrop:x:991:|group'],
  start: (port) => `mkdir -p /var/lib/postfix /tmp/pf && chown postfix /var/lib/postfix
rm -rf /var/spool/postfix && mkdir -p /var/spool/postfix
cat >/tmp/pf/main.cf <<'END'
compatibility_level = 3.6
queue_directory = /var/spool/postfix
data_directory = /var/lib/postfix
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
meta_directory = /etc/postfix
shlib_directory = /usr/lib/postfix
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = ${nextDomain}
mydestination =
mynetworks = 127.0.0.0/8
alias_maps =
virtual_mailbox_domains = ${nextDomain}
virtual_mailbox_base = /mail
virtual_mailbox_maps = static:box/
virtual_uid_maps = static:65534
virtual_gid_maps = static:65534
maillog_file = /var/log/postfix.log
smtpd_peername_lookup = no
disable_dns_lookups = yes
in_flow_delay = 0
smtpd_error_sleep_time = 0
END
cat >/tmp/pf/master.cf <<'END'
127.0.0.1:${port} inet n - n - - smtpd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
error unix - - n - - error
retry unix - - n - - error
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
proxymap unix - - n - - proxymap
postlog unix-dgram n - n - 1 postlogd
END
cp -n /usr/share/postfix/* /etc/postfix/ 2>/dev/null || true
postfix -c /tmp/pf check
MAIL_CONFIG=/tmp/pf exec /usr/lib/postfix/sbin/master -c /tmp/pf -d`,
}

export const exim: MailSystem = {
  name: 'Exim',
  packages: ['exim4-daemon-light', 'exim4-base'],
  accounts: ['Debian-exim:x:992:992::/nonexistent:/bin/false|passwd', 'Debian-exim:x:992:|group'],
  start: (port) => `mkdir -p /var/lib/exim4 /var/spool/exim4 /var/log/exim4
chown Debian-exim:Debian-exim /var/spool/exim4 /var/log/exim4
cat >/var/lib/exim4/config.autogenerated <<'END'
primary_hostname = ${nextDomain}
daemon_smtp_ports = ${port}
local_interfaces = 127.0.0.1
tls_advertise_hosts =
acl_smtp_rcpt = accept
acl_smtp_data = accept
host_lookup =
rfc1413_query_timeout = 0s
never_users =
keep_environment =
message_size_limit = 0
smtp_accept_queue_per_connection = 0
smtp_accept_max = 100
begin acl
begin routers
all:
  driver = accept
  transport = box
begin transports
box:
  driver = appendfile
  directory = /mail/box
  create_directory
  maildir_format
  user = nobody
  group = nogroup
begin retry
* * F,1h,1m
END
chown root /var/lib/exim4/config.autogenerated
exec /usr/sbin/exim4 -bdf`,
}

export const opensmtpd: MailSystem = {
  name: 'OpenSMTPD',
  packages: ['opensmtpd'],
  accounts: [
    'opensmtpd:x:993:993::/var/lib/opensmtpd/empty:/bin/false|passwd',
    'opensmtpq:x:994:994::/var/lib/opensmtpd/empty:/bin/false|passwd',
    'opensmtpd:x:993:|group',
    'opensmtpq:x:994:|group',
  ],
  start: (port) => `mkdir -p /var/lib/opensmtpd/empty /var/spool/smtpd /run
chown root:root /var/lib/opensmtpd/empty && chmod 711 /var/spool/smtpd
echo ${nextDomain} >/etc/mailname
cat >/etc/smtpd.conf <<'END'
listen on 127.0.0.1 port ${port} hostname ${nextDomain}
action "box" maildir "/mail/box" virtual { "@" = nobody }
match from any for any action "box"
END
exec /usr/sbin/smtpd -d`,
}
