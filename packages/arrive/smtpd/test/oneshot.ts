import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { makeCdb } from '@yabumi/cdb'
import t from 'tap'
import { ScratchHome, smtpd } from './scratch/home.ts'

interface End {
  readonly code: number | null
  readonly said: string
  readonly complaints: string
}

/** Run smtpd on pipes with all of its input at once. */
async function smtp(home: ScratchHome, input: string, environment: Record<string, string> = {}): Promise<End> {
  const child = spawn(smtpd, [], { env: home.environment(environment), stdio: 'pipe' })
  let said = ''
  let complaints = ''
  child.stdout.on('data', (bytes: Buffer) => {
    said += bytes.toString('latin1')
  })
  child.stderr.on('data', (bytes: Buffer) => {
    complaints += bytes.toString('latin1')
  })
  child.stdin.on('error', () => undefined)
  child.stdin.end(Buffer.from(input, 'latin1'))
  const [code] = (await once(child, 'close')) as [number | null]
  return { code, said, complaints }
}

const envelope = 'MAIL FROM:<s@x.example>\r\nRCPT TO:<r@test.example>\r\n'
const accepted = '220 test.example ESMTP\r\n250 ok\r\n250 ok\r\n'

t.test('smtpd exits 0 behind QUIT and 1 where the client just goes', async (t) => {
  const home = new ScratchHome(t)
  t.same(await smtp(home, 'QUIT\r\nNOOP\r\n'), { code: 0, said: '220 test.example ESMTP\r\n221 test.example\r\n', complaints: '' })
  t.same(await smtp(home, 'NOOP\r\n'), { code: 1, said: '220 test.example ESMTP\r\n250 ok\r\n', complaints: '' })
})

t.test('smtpd describes the connection by the environment of tcpserver', async (t) => {
  const home = new ScratchHome(t)
  const environment = { TCPREMOTEIP: '192.0.2.1', TCPREMOTEHOST: 'client.example', TCPREMOTEINFO: 'joe', TCPLOCALIP: '192.0.2.9' }
  const { code, said } = await smtp(home, `EHLO c\r\n${envelope}DATA\r\nA: b\r\n.\r\nQUIT\r\n`, environment)
  t.equal(code, 0)
  t.match(said, /354 go ahead\r\n250 ok [0-9]+ qp [0-9]+\r\n221 test.example\r\n$/)
  t.match(
    home.queued()[0]?.message,
    /^Received: from client\.example \(HELO c\) \(joe@192\.0\.2\.1\)\n {2}by 192\.0\.2\.9 with SMTP; .* -0000\nA: b\n$/,
  )
  t.equal(home.queued()[0]?.envelope, 'Fs@x.example\0Tr@test.example\0\0')
})

t.test('smtpd says 421 and exits 1 if a control file cannot be read', async (t) => {
  const refused = { code: 1, said: '421 unable to read controls (#4.3.0)\r\n', complaints: '' }
  for (const name of ['smtpgreeting', 'localiphost', 'timeoutsmtpd', 'rcpthosts', 'badmailfrom', 'databytes']) {
    const home = new ScratchHome(t)
    mkdirSync(join(home.path, 'control', name)) // a directory cannot be read, not even by root
    t.same(await smtp(home, 'QUIT\r\n'), refused, name)
  }
  const none = new ScratchHome(t)
  t.same(await smtp(none, 'QUIT\r\n', { YABUMI_HOME: join(none.path, 'missing') }), refused, 'no home')
  t.same(await smtp(none, 'QUIT\r\n', { YABUMI_HOME: join(none.path, 'queued') }), refused, 'no greeting')
})

t.test('smtpd says 421 at RCPT if morercpthosts.cdb is damaged, and asks it only for domains outside rcpthosts', async (t) => {
  const home = new ScratchHome(t, { rcpthosts: 'test.example\n' })
  const cdb = join(home.path, 'control/morercpthosts.cdb')
  writeFileSync(cdb, makeCdb(['more.example', '.sub.example'].map((key) => [Buffer.from(key), Buffer.alloc(0)] as const)))
  const rcpt = (domain: string): string => `RCPT TO:<r@${domain}>\r\n`
  const input = `MAIL FROM:<>\r\n${['More.Example', 'a.sub.example', 'sub.example', 'test.example', ''].map(rcpt).join('')}QUIT\r\n`
  const no = "553 sorry, that domain isn't in my list of allowed rcpthosts (#5.7.1)\r\n"
  t.equal(
    (await smtp(home, input)).said,
    `220 test.example ESMTP\r\n250 ok\r\n250 ok\r\n250 ok\r\n${no}250 ok\r\n${no}221 test.example\r\n`,
  )
  writeFileSync(cdb, 'damaged')
  t.same(await smtp(home, `${envelope}${rcpt('other.example')}NOOP\r\n`), {
    code: 1,
    said: `${accepted}421 unable to read controls (#4.3.0)\r\n`,
    complaints: '',
  })
})

t.test(
  'smtpd as a normal user says 421 if a control file is not for its eyes',
  { skip: process.getuid?.() === 0 && 'root reads everything' },
  async (t) => {
    const home = new ScratchHome(t, { rcpthosts: 'test.example\n' })
    chmodSync(join(home.path, 'control/rcpthosts'), 0)
    t.equal((await smtp(home, 'QUIT\r\n')).said, '421 unable to read controls (#4.3.0)\r\n')
  },
)

t.test('smtpd exits 1 without a word if it has nobody to talk to', async (t) => {
  const home = new ScratchHome(t)
  for (const closed of ['<&-', '>&-', '<&- >&-']) {
    const child = spawn('/bin/sh', ['-c', `exec "$0" ${closed}`, smtpd], {
      env: home.environment(),
      stdio: ['ignore', 'ignore', 'inherit'],
    })
    const [code] = (await once(child, 'exit')) as [number | null]
    t.equal(code, 1, closed)
  }
})

t.test('smtpd reads commands from a file as well', async (t) => {
  const home = new ScratchHome(t)
  writeFileSync(join(home.path, 'commands'), `${envelope}DATA\r\n${'line\r\n'.repeat(50_000)}.\r\nQUIT\r\n`)
  const child = spawn('/bin/sh', ['-c', `exec "$0" <"$1" >"$2"`, smtpd, join(home.path, 'commands'), join(home.path, 'replies')], {
    env: home.environment(),
  })
  const [code] = (await once(child, 'exit')) as [number | null]
  t.equal(code, 0)
  t.equal(home.queued()[0]?.message.split('\n').length, 50_003)
})

t.test('smtpd appends RELAYCLIENT to every recipient and lets it go anywhere, but not for a bad sender', async (t) => {
  const home = new ScratchHome(t, { rcpthosts: 'test.example\n', badmailfrom: '@bad.example\n' })
  const rest = 'RCPT TO:<r@far.example>\r\nDATA\r\n.\r\nQUIT\r\n'
  await smtp(home, `MAIL FROM:<a@b>\r\n${rest}`, { RELAYCLIENT: '.uucp' })
  t.equal(home.queued()[0]?.envelope, 'Fa@b\0Tr@far.example.uucp\0\0')
  t.match((await smtp(home, `MAIL FROM:<a@BAD.example>\r\n${rest}`, { RELAYCLIENT: '' })).said, /553 sorry, your envelope sender/)
})

t.test('smtpd lets exactly databytes bytes pass; DATABYTES decides, and none if it is no number', async (t) => {
  const home = new ScratchHome(t, { databytes: '10\n' })
  const big = '552 sorry, that message size exceeds my databytes limit (#5.3.4)\r\n'
  const send = async (bytes: number, environment = {}): Promise<string> => {
    const { said } = await smtp(home, `${envelope}DATA\r\n${'x'.repeat(bytes - 1)}\r\n.\r\n`, environment)
    return said.slice(accepted.length + '354 go ahead\r\n'.length)
  }
  t.match(await send(10), /^250 ok /)
  t.equal(await send(11), big)
  t.match(await send(11, { DATABYTES: '11' }), /^250 ok /)
  t.equal(await send(12, { DATABYTES: '11' }), big)
  t.match(await send(500, { DATABYTES: 'many' }), /^250 ok /)
  t.equal(home.queued().length, 3)
})

t.test('smtpd refuses hops before size and both before what queue says', async (t) => {
  const home = new ScratchHome(t, { databytes: '100\n' })
  home.queueEnds('exit 31')
  const { said } = await smtp(home, `${envelope}DATA\r\n${'Received: x\r\n'.repeat(100)}.\r\n`)
  t.match(said, /354 go ahead\r\n554 too many hops, this message is looping \(#5\.4\.6\)\r\n$/)
})

t.test('smtpd keeps the transaction of a MAIL with a bad address, and drops it at HELO, RSET and DATA', async (t) => {
  const home = new ScratchHome(t)
  const long = `MAIL FROM:<${'x'.repeat(900)}>\r\n`
  const { said } = await smtp(home, `${envelope}${long}RCPT TO:<b@c>\r\nHELO x\r\nRCPT TO:<b@c>\r\n${envelope}DATA\r\n.\r\nDATA\r\n`)
  const replies = said.split('\r\n').map((line) => line.slice(0, 3))
  t.same(replies, ['220', '250', '250', '555', '250', '250', '503', '250', '250', '354', '250', '503', ''])
})
