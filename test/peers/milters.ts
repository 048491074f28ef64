/** Real filters behind control/milters: rspamd, opendkim, clamav-milter, each with settings of the test's own. */
import { type ChildProcess, spawn } from 'node:child_process'
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { oneShot } from '../../packages/arrive/smtpd/test/scratch/bothways.ts'
import { ScratchHome } from '../../packages/arrive/smtpd/test/scratch/home.ts'
import { amRoot } from '../support/home.ts'
import { freePort } from '../support/ports.ts'
import { find, missing } from '../support/programs.ts'
import { until } from '../support/wait.ts'

// in two halves, so that no scanner takes this file for what it tests
const gtube = `XJS*C4JDBQADN1.NSBN3*2IDNEN*${'GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X'}`
const eicar = `X5O!P%@AP[4\\PZX54(P^)7CC)7}$${'EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*'}`

/** Start it in a directory of its own. @param settle - resolves once it listens */
function start(t: Test, program: string, args: readonly string[], directory: string): () => string {
  let said = ''
  const child: ChildProcess = spawn(find(program) as string, args, { cwd: directory, stdio: ['ignore', 'pipe', 'pipe'] })
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (bytes: Buffer) => (said += bytes.toString('latin1')))
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  t.teardown(async () => {
    child.kill('SIGTERM') // its workers end with it
    await ended
    for (const stream of [child.stdout, child.stderr]) stream?.destroy()
  })
  return () => `${program}: ${said}`
}

async function listens(port: number, log: () => string): Promise<void> {
  await until(log, async () => {
    const socket = connect(port, '127.0.0.1')
    return await new Promise<boolean>((resolve) => {
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
    }).finally(() => socket.destroy())
  })
}

/** @returns the reply to the message, and what was queued */
async function sent(t: Test, milters: string, body: string): Promise<{ reply: string; message: string }> {
  const home = new ScratchHome(t, { milters })
  const message = `From: a@x.example\r\nTo: r@test.example\r\nSubject:  two  blanks\r\nDate: Tue, 01 Dec 2026 05:00:00 +0000\r\n\r\n${body}\r\n`
  const session = `EHLO mail.x.example\r\nMAIL FROM:<a@x.example>\r\nRCPT TO:<r@test.example>\r\nDATA\r\n${message}.\r\nQUIT\r\n`
  const replies = await oneShot(home, session, { TCPREMOTEIP: '192.0.2.7', TCPREMOTEHOST: 'mail.x.example' })
  return { reply: replies.split('\r\n').at(-3) ?? '', message: home.queued()[0]?.message ?? '' }
}

function place(t: Test): string {
  const directory = t.testdir({})
  if (amRoot) chmodSync(directory, 0o777)
  return directory
}

t.test('rspamd refuses what its test pattern is in, and adds its fields to what it takes', { skip: missing('rspamd') }, async (t) => {
  const directory = place(t)
  const port = await freePort()
  const settings = `
options { pidfile = "${directory}/pid"; filters = ""; tempdir = "${directory}"; control_socket = "${directory}/control mode=0600"; dns { nameserver = ["127.0.0.1:9"]; timeout = 0.1s; retransmits = 1; } }
logging { type = "console"; level = "warning"; }
metric { name = "default"; actions { reject = 15; add_header = 6; } }
worker "rspamd_proxy" {
  bind_socket = "127.0.0.1:${port}"; milter = yes; timeout = 60s; count = 1; discard_on_reject = false; quarantine_on_reject = false;
  reject_message = "Spam message rejected"; upstream "local" { default = yes; self_scan = yes; }
}
`
  writeFileSync(join(directory, 'conf'), settings)
  const log = start(
    t,
    'rspamd',
    ['-f', '-i', '-c', join(directory, 'conf'), ...(amRoot ? ['-u', 'nobody', '-g', 'nogroup'] : [])],
    directory,
  )
  await listens(port, log)
  const line = `inet:127.0.0.1:${port} name=rspamd\n`
  const refused = await sent(t, line, gtube)
  t.match(refused.reply, /^5[0-9]{2} .*(?:Spam message rejected|Gtube)/i, log())
  t.equal(refused.message, '')
  const { reply, message } = await sent(t, line, 'a letter')
  t.match(reply, /^250 ok/)
  t.match(message, /\nSubject: {2}two {2}blanks\n/)
})

t.test('opendkim says on top what it thinks of a signature', { skip: missing('opendkim') }, async (t) => {
  const directory = place(t)
  const port = await freePort()
  const user = amRoot ? 'UserID nobody\n' : ''
  const settings = `Socket inet:${port}@127.0.0.1\nMode v\nBackground no\nSyslog no\nAlwaysAddARHeader yes\nAuthservID mx.test.example\n${user}`
  writeFileSync(join(directory, 'conf'), settings)
  const log = start(t, 'opendkim', ['-f', '-x', join(directory, 'conf')], directory)
  await listens(port, log)
  const { reply, message } = await sent(t, `inet:127.0.0.1:${port} name=opendkim\n`, 'a letter')
  t.match(reply, /^250 ok/, log())
  t.match(message, /^Received: [^\n]+\n {2}by [^\n]+\nAuthentication-Results: mx.test.example;\s+dkim=none/)
  t.match(message, /\nSubject: {2}two {2}blanks\n/, 'and leaves the rest alone')
})

t.test('clamav-milter refuses the test virus', { skip: missing('clamd', 'clamav-milter') }, async (t) => {
  const directory = place(t)
  const port = await freePort()
  mkdirSync(join(directory, 'db'))
  if (amRoot) chmodSync(join(directory, 'db'), 0o755)
  writeFileSync(join(directory, 'db/test.ndb'), `Eicar-Test:0:*:${Buffer.from(eicar, 'latin1').toString('hex')}\n`)
  const socket = join(directory, 'clamd')
  writeFileSync(join(directory, 'clamd.conf'), `DatabaseDirectory ${directory}/db\nLocalSocket ${socket}\nForeground yes\n`)
  const filter = `ClamdSocket unix:${socket}\nMilterSocket inet:${port}@127.0.0.1\nForeground yes\nOnInfected Reject\nRejectMsg virus %v\nAddHeader Replace\n`
  writeFileSync(join(directory, 'milter.conf'), filter)
  const scanner = start(t, 'clamd', ['-F', '-c', join(directory, 'clamd.conf')], directory)
  await until(scanner, async () => {
    const probe = connect(socket)
    return await new Promise<boolean>((resolve) => {
      probe.once('connect', () => resolve(true)).once('error', () => resolve(false))
    }).finally(() => probe.destroy())
  })
  const log = start(t, 'clamav-milter', ['-c', join(directory, 'milter.conf')], directory)
  await listens(port, log)
  const line = `inet:127.0.0.1:${port} name=clamav\n`
  const refused = await sent(t, line, eicar)
  t.match(refused.reply, /^5[0-9]{2} .*virus .*Eicar-Test/, log())
  t.equal(refused.message, '')
  const { reply, message } = await sent(t, line, 'a letter')
  t.match(reply, /^250 ok/)
  t.match(message, 'X-Virus-Status: Clean')
})

t.test('one behind the other: both see the message, and one that is gone puts it off', { skip: missing('opendkim') }, async (t) => {
  const directory = place(t)
  const port = await freePort()
  writeFileSync(
    join(directory, 'conf'),
    `Socket inet:${port}@127.0.0.1\nMode v\nBackground no\nSyslog no\nAlwaysAddARHeader yes\n${amRoot ? 'UserID nobody\n' : ''}`,
  )
  await listens(port, start(t, 'opendkim', ['-f', '-x', join(directory, 'conf')], directory))
  const line = `inet:127.0.0.1:${port}\n`
  const { message } = await sent(t, line + line, 'a letter')
  t.equal(message.match(/^Authentication-Results:/gm)?.length, 1, 'the second has removed what the first has said in its name')
  t.match((await sent(t, `${line}inet:127.0.0.1:${await freePort()}\n`, 'a letter')).reply, /^451 a filter is not there now/)
})
