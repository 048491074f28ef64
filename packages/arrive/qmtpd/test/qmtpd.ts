import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { netstring } from '@yabumi/netstring'
import t, { type Test } from 'tap'
import { converse } from '../../netstringserver/test/scratch/converse.ts'
import { checkout, ScratchHome } from '../../smtpd/test/scratch/home.ts'

const notAllowed = netstring("Dsorry, that domain isn't in my list of allowed rcpthosts (#5.7.1)")
const cannotHandle = netstring("Dsorry, I can't handle that recipient (#5.1.3)")
const ok = /^[0-9]+:Kok [0-9]+ qp [0-9]+,/

function packet(message: string, sender: string, ...recipients: readonly string[]): string {
  return netstring(message) + netstring(sender) + netstring(recipients.map(netstring).join(''))
}

function homeFor(t: Test, controls: Record<string, string> = {}): ScratchHome {
  return new ScratchHome(t, { rcpthosts: 'test.example\n.sub.example\n', ...controls })
}

t.test('qmtpd queues a message for the recipients that are all right and answers to each', async (t) => {
  const home = homeFor(t)
  const recipients = ['r@test.example', 'q@other.example', 'a@b.SUB.example', 'local', 'n\0@test.example']
  const { code, said } = await converse('qmtpd', home, packet('\nA: b\n\nx\n', 's@x', ...recipients), { TCPREMOTEIP: '192.0.2.1' })
  t.equal(code, 0)
  const first = ok.exec(said)?.[0] as string
  t.equal(said, first + notAllowed + first + first + cannotHandle)
  t.match(home.queued()[0]?.message, /^Received: from unknown \(192\.0\.2\.1\)\n {2}by unknown with QMTP; .* -0000\nA: b\n\nx\n$/)
  t.equal(home.queued()[0]?.envelope, 'Fs@x\0Tr@test.example\0Ta@b.SUB.example\0Tlocal\0\0')
})

t.test('C1, C2, C3: qmtpd takes no recipient that names nobody or has a strange domain, no sender that is ours alone', async (t) => {
  const home = homeFor(t)
  const recipients = ['', '@test.example', 'r@test.example.', 'x@"y".sub.example']
  const { said } = await converse('qmtpd', home, packet('\nx\n', 's@x', ...recipients))
  const accepted = ok.exec(said.slice(2 * cannotHandle.length))?.[0] as string
  t.equal(said, cannotHandle + cannotHandle + accepted + cannotHandle)
  t.equal(home.queued()[0]?.envelope, 'Fs@x\0Tr@test.example\0\0')
  const unacceptable = netstring('Dunacceptable sender (#5.1.7)')
  for (const sender of ['#@[]', 's@x> SIZE=1']) {
    t.equal((await converse('qmtpd', home, packet('\nx\n', sender, 'r@test.example'))).said, unacceptable)
  }
})

t.test('qmtpd makes LF of CR LF where the client says so, also in a long message', async (t) => {
  const home = homeFor(t)
  const text = 'line\r\n'.repeat(50_000)
  await converse('qmtpd', home, packet(`\r${text}\r`, 's', 'r@test.example'))
  t.equal(home.queued()[0]?.message.replace(/^.*\n.*\n/, ''), `${text.replaceAll('\r\n', '\n')}\r`)
})

t.test('qmtpd lets exactly databytes bytes pass', async (t) => {
  const home = homeFor(t, { databytes: '10\n' })
  const { said } = await converse(
    'qmtpd',
    home,
    packet('\n1234567890', 's', 'r@test.example') + packet('\n12345678901', 's', 'r@test.example'),
  )
  t.match(said, ok)
  t.equal(said.replace(ok, ''), netstring('Dsorry, that message size exceeds my databytes limit (#5.3.4)'))
  t.equal(home.queued().length, 1)
})

t.test('qmtpd appends RELAYCLIENT to every recipient and lets it send anywhere', async (t) => {
  const home = homeFor(t)
  await converse('qmtpd', home, packet('\nx\n', 's', 'r@other.example'), { RELAYCLIENT: '@relay' })
  t.equal(home.queued()[0]?.envelope, 'Fs\0Tr@other.example@relay\0\0')
})

t.test('qmtpd answers each message before it waits for the next', async (t) => {
  const home = homeFor(t)
  const child = spawn(join(checkout, 'bin/qmtpd'), [], { env: home.environment(), stdio: ['pipe', 'pipe', 'inherit'] })
  for (let turn = 0; turn < 2; turn += 1) {
    child.stdin.write(packet('\nx\n', 's', 'r@test.example'))
    const [answer] = (await once(child.stdout, 'data')) as [Buffer]
    t.match(answer.toString(), ok)
  }
  child.stdin.end()
  t.same(await once(child, 'exit'), [0, null])
})

t.test('qmtpd queues nothing of a package that is cut short, and exits 0', async (t) => {
  const home = homeFor(t)
  const whole = packet('\nA: b\n', 's@x', 'r@test.example')
  for (const length of [0, 1, 5, 12, whole.length - 1]) {
    t.same(await converse('qmtpd', home, whole.slice(0, length)), { code: 0, said: '', complaints: '' }, `${length} bytes`)
  }
  t.same(home.queued(), [])
})

t.test('qmtpd exits 100 where that is no QMTP and 111 where a control file cannot be read', async (t) => {
  const home = homeFor(t)
  for (const input of ['EHLO x\r\n', '0:,0:,0:,', '2:xy,1:s,0:,', '2:\nx;', '2:\nx,1:s,3:3:a,,', packet('\nx', 's').replace(/,$/, ';')]) {
    t.same(await converse('qmtpd', home, input), { code: 100, said: '', complaints: '' }, JSON.stringify(input))
  }
  t.equal((await converse('qmtpd', home, '2000000010:')).code, 111)
  mkdirSync(join(home.path, 'control/databytes'))
  t.same(await converse('qmtpd', home, packet('\nx', 's', 'r@test.example')), { code: 111, said: '', complaints: '' })
  t.same(home.queued(), [])
})

t.test('qmtpd gives up a client that lists more recipients than it may keep', async (t) => {
  const home = homeFor(t)
  const recipients = '14:r@test.example,'.repeat(300_000)
  t.equal((await converse('qmtpd', home, `${netstring('\nx')}1:s,${netstring(recipients)}`)).code, 111)
  t.same(home.queued(), [])
})
