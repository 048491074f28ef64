/** TLS with the programs of others: they send to us by STARTTLS, and take by it what we send, as a policy demands. */
import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { execa } from 'execa'
import t, { type Test } from 'tap'
import { bundle, makeCertificate } from '../certificates.ts'
import { exim, type MailSystem, nextDomain, opensmtpd, postfix, RunningMta, unavailable } from '../hostile/support/mta.ts'
import { sendMail } from '../support/dialogue.ts'
import { hostName, ScratchHome } from '../support/home.ts'
import { missing } from '../support/programs.ts'
import { until } from '../support/wait.ts'
import { arrived, runPeer, workplace } from './support/peer.ts'

const home = await ScratchHome.make(t, 'joe')
const place = workplace(home, 'peers')
const made = join(home.root, 'made')
mkdirSync(made)
const authority = makeCertificate(made, 'authority')
const ours = bundle(made, makeCertificate(made, 'ours', { names: [hostName] }, authority), authority)
const theirs = makeCertificate(made, 'theirs', { names: [nextDomain] }, authority)
const client = makeCertificate(made, `joe/emailAddress=joe@${hostName}`, { names: [] }, authority)
const file = (path: string): string => readFileSync(path, 'latin1')
home.control('servercert.pem', file(ours))
home.control('clientca.pem', file(authority.certificate))
home.control('tlsclients', `joe@${hostName}\n`)
home.control('forbidpipelining', '0\n') // those that only carry TLS wait for no reply
home.control('popextensions', '1\n')
home.control('cafile', `${authority.certificate}\n`)
home.control('rcpthosts', `${hostName}\n${nextDomain}\n`)
const running = await home.supervise()
const smtp = `127.0.0.1:${running.smtpPort}`
const joe = `joe@${hostName}`

const transaction = (subject: string, to: string): string =>
  `EHLO c.example\nMAIL FROM:<s@c.example>\nRCPT TO:<${to}>\nDATA\nSubject: ${subject}\n\nx\n.\nQUIT\n`

/** A message for joe came under TLS. */
async function cameSecurely(t: Test, subject: string, version = 'TLS1\\.[23]'): Promise<void> {
  t.match(await arrived(home, 'joe', `Subject: ${subject}\n`), new RegExp(`\n {2}by ${hostName} with ESMTPS \\(${version} [A-Z0-9_-]+`))
}

t.test('swaks sends by STARTTLS', { skip: missing('swaks') }, async (t) => {
  const words = ['--server', smtp, '-tls', '--from', 's@c.example', '--to', joe, '--header', 'Subject: by swaks']
  await runPeer(place, 'swaks', words)
  await cameSecurely(t, 'by swaks')
})

for (const version of ['1_2', '1_3']) {
  t.test(`openssl s_client sends by TLS ${version}, and verifies us`, { skip: missing('openssl') }, async (t) => {
    const verified = ['-verify_return_error', '-CAfile', authority.certificate, '-verify_hostname', hostName]
    const words = ['s_client', '-quiet', '-crlf', '-ign_eof', '-connect', smtp, '-starttls', 'smtp', `-tls${version}`, ...verified]
    await runPeer(place, 'openssl', words, { input: transaction(`by openssl ${version}`, joe) })
    await cameSecurely(t, `by openssl ${version}`, version.replace('1_', 'TLS1\\.'))
  })
}

t.test('openssl s_client relays by its certificate', { skip: missing('openssl') }, async (t) => {
  const own = ['-cert', client.certificate, '-key', client.key]
  const words = ['s_client', '-quiet', '-crlf', '-ign_eof', '-connect', smtp, '-starttls', 'smtp']
  t.match(await runPeer(place, 'openssl', words, { input: transaction('no', 'x@far.example') }), /^553 /m)
  t.notMatch(
    await runPeer(place, 'openssl', [...words, ...own], { input: 'EHLO c\nMAIL FROM:<>\nRCPT TO:<x@far.example>\nQUIT\n' }),
    /^553 /m,
  )
})

t.test('gnutls-cli sends by STARTTLS, and verifies us', { skip: missing('gnutls-cli') }, async (t) => {
  const trust = ['--x509cafile', authority.certificate, '--verify-hostname', hostName]
  const words = ['--starttls-proto=smtp', '-p', String(running.smtpPort), ...trust, '127.0.0.1']
  const child = execa('gnutls-cli', words, { cwd: place, reject: false }) // it would leave at the end of its input
  child.stdin.write(transaction('by gnutls', joe).replaceAll('\n', '\r\n'))
  await child
  await cameSecurely(t, 'by gnutls')
})

t.test('openssl s_client speaks POP3 by STLS', { skip: missing('openssl') }, async (t) => {
  const words = ['s_client', '-quiet', '-crlf', '-ign_eof', '-connect', `127.0.0.1:${running.pop3Port}`, '-starttls', 'pop3']
  t.match(await runPeer(place, 'openssl', words, { input: 'CAPA\nQUIT\n' }), /^\+OK[^\n]*\n[\s\S]*^USER\r?\n/m)
})

const pem = (path: string, name: string): string => `cat >${name} <<'END'\n${file(path)}END\nchmod 600 ${name}\n`
const secrets = `${pem(theirs.certificate, '/theirs.pem')}${pem(theirs.key, '/theirs.key')}`

/** Each as it is, with a certificate of its own, and the way to us by TLS alone. */
function securely(system: MailSystem): MailSystem {
  const changes: Readonly<Record<string, readonly [string, string][]>> = {
    Postfix: [
      [
        'maillog_file',
        `smtpd_tls_security_level = may\nsmtpd_tls_cert_file = /theirs.pem\nsmtpd_tls_key_file = /theirs.key
relayhost = [127.0.0.1]:${running.smtpPort}\nsmtp_tls_security_level = encrypt\nmaillog_file`,
      ],
      ['virtual unix', 'smtp unix - - n - - smtp\ntlsmgr unix - - n 1000? 1 tlsmgr\nvirtual unix'],
    ],
    Exim: [
      ['tls_advertise_hosts =', 'tls_advertise_hosts = *\ntls_certificate = /theirs.pem\ntls_privatekey = /theirs.key'],
      [
        'all:\n',
        `ours:\n  driver = manualroute\n  domains = ${hostName}\n  route_list = * 127.0.0.1 byname\n  self = send\n  transport = out\nall:\n`,
      ],
      ['begin retry', `out:\n  driver = smtp\n  port = ${running.smtpPort}\n  hosts_require_tls = *\n  hosts_try_dane =\nbegin retry`],
    ],
    OpenSMTPD: [
      ['listen on', 'pki p cert "/theirs.pem"\npki p key "/theirs.key"\nlisten on'],
      [`hostname ${nextDomain}\n`, `hostname ${nextDomain} tls pki p\n`],
      [
        'match from',
        `action "ours" relay host "smtp+tls://127.0.0.1:${running.smtpPort}" tls no-verify\nmatch from any for domain "${hostName}" action "ours"\nmatch from`,
      ],
    ],
  }
  const change = (text: string): string => (changes[system.name] ?? []).reduce((done, [find, put]) => done.replace(find, put), text)
  const own = system.name === 'Exim' ? 'chown Debian-exim /theirs.pem /theirs.key\n' : ''
  return { ...system, start: (port) => `${secrets}${own}${change(system.start(port))}` }
}

for (const system of [postfix, exim]) {
  t.test(system.name, { skip: (await unavailable(system)) ?? false }, async (t) => {
    const mta = await RunningMta.start(t, securely(system))
    await t.test(`${system.name} takes what we send, under TLS that is verified`, async (t) => {
      home.control('smtproutes', `${nextDomain}:127.0.0.1:${mta.port}\n`)
      home.control('tlspolicy', `${nextDomain}:verify:match=${nextDomain}\n`)
      await home.inject([`x@${nextDomain}`], `Subject: to ${system.name}\n\nx\n`)
      const come = await until(
        () => `a message at ${system.name}; the log:\n${running.log}\n${mta.log}`,
        () => mta.mailbox().find((text) => text.includes(`Subject: to ${system.name}\n`)),
      )
      t.match(come, /with e?smtps\b/i)
      await running.logs(/rspawn: 127\.0\.0\.1_[^\n]*tls_TLSv1\.[23]_[^\n]*verified/)
    })
    await t.test(`${system.name} sends to us by STARTTLS`, async (t) => {
      const reply = await sendMail(mta.port, 's@c.example', [joe], `Subject: from ${system.name}\n\nx\n`)
      t.match(reply, /^250 /)
      await cameSecurely(t, `from ${system.name}`)
    })
  })
}

/**
 * Debian's OpenSMTPD keeps its key in a process of its own, and stands one in for it. OpenSSL 3 loses the mark on that,
 * so that each handshake which uses the key ends with "missing private key". It serves TLS to nobody; what we do with
 * such a host is shown here.
 */
t.test('OpenSMTPD', { skip: (await unavailable(opensmtpd)) ?? false }, async (t) => {
  const mta = await RunningMta.start(t, securely(opensmtpd))
  home.control('smtproutes', `${nextDomain}:127.0.0.1:${mta.port}\n`)
  const came = (subject: string): Promise<string> =>
    until(
      () => `a message at OpenSMTPD; the log:\n${running.log}\n${mta.log}`,
      () => mta.mailbox().find((text) => text.includes(`Subject: ${subject}\n`)),
    )
  await t.test('takes what we send in clear, when its TLS has failed', async (t) => {
    home.control('tlspolicy', `${nextDomain}:may\n`)
    await home.inject([`x@${nextDomain}`], 'Subject: in clear after all\n\nx\n')
    t.notMatch(await came('in clear after all'), /with e?smtps\b/i)
    await running.logs(/rspawn: 127\.0\.0\.1_[^\n]*clear_text/)
  })
  await t.test('and nothing where TLS is demanded', async (t) => {
    home.control('tlspolicy', `${nextDomain}:encrypt\n`)
    await home.inject([`x@${nextDomain}`], 'Subject: never in clear\n\nx\n')
    await running.logs(/delivery \d+: deferral: [^\n]*TLS/)
    t.notOk(mta.mailbox().some((text) => text.includes('never in clear')))
  })
  await t.test('sends to us by STARTTLS', async (t) => {
    t.match(await sendMail(mta.port, 's@c.example', [joe], 'Subject: from OpenSMTPD\n\nx\n'), /^250 /)
    await cameSecurely(t, 'from OpenSMTPD')
  })
})
