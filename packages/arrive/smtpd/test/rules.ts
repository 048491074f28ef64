// Who may connect to the resident form, with which environment: rules that tcprules made, obeyed as tcpserver -x does.
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { startDnsServer, type Zone } from '../../../../test/support/dns-server.ts'
import { missing } from '../../../../test/support/programs.ts'
import { codes, naming, oneShot } from './scratch/bothways.ts'
import { Client, Resident } from './scratch/client.ts'
import { ScratchHome, smtpd } from './scratch/home.ts'

const skip = missing('tcprules')

function makeRules(home: ScratchHome, text: string): void {
  execFileSync('tcprules', [join(home.path, 'rules.cdb'), join(home.path, 'rules.tmp')], { input: text })
}

/** The codes of the replies to recipients, from this address; empty if it is not let in. */
async function asks(t: Test, port: number, source: string, ...recipients: string[]): Promise<number[]> {
  const client = new Client(t, port, '127.0.0.1', source)
  if (!(await client.replies()).startsWith('220 ')) return []
  client.send(naming(...recipients))
  return codes(await client.ending())
}

async function started(t: Test, home: ScratchHome, options: string[] = ['--no-ptr'], environment: Record<string, string> = {}) {
  const server = new Resident(t, home, ['--rules', 'rules.cdb', ...options], environment)
  return { server, port: await server.ready() }
}

t.test('smtpd --rules lets relay, limits and denies by address, and obeys a changed file', { skip }, async (t) => {
  const home = new ScratchHome(t, { rcpthosts: 'test.example\n' })
  makeRules(home, '127.0.0.1:allow,RELAYCLIENT=""\n127.0.0.2:deny\n127.0.0.3:allow,MAXRCPT="1"\n127.0.1.:allow,RELAYCLIENT="@gateway"\n')
  const { server, port } = await started(t, home)
  t.same(await asks(t, port, '127.0.0.1', 'r@far.example', 'r@test.example'), [250, 250])
  t.same(await asks(t, port, '127.0.0.2', 'r@test.example'), [])
  await server.logs(': denied by a rule\n')
  t.same(await asks(t, port, '127.0.0.3', 'r@far.example', 'r@test.example', 'r2@test.example'), [553, 250, 452])
  t.same(await asks(t, port, '127.0.0.4', 'r@far.example', 'r@test.example'), [553, 250], 'without a rule as without rules')
  const relayed = new Client(t, port, '127.0.0.1', '127.0.1.9')
  relayed.send('MAIL FROM:<>\r\nRCPT TO:<r@far.example>\r\nDATA\r\nx\r\n.\r\nQUIT\r\n')
  t.match(await relayed.ending(), /250 ok [0-9]+ qp/)
  t.equal(home.queued()[0]?.envelope, 'F\0Tr@far.example@gateway\0\0')
  makeRules(home, '127.0.0.2:allow,RELAYCLIENT=""\n:deny\n')
  t.same(await asks(t, port, '127.0.0.1', 'r@test.example'), [])
  t.same(await asks(t, port, '127.0.0.2', 'r@far.example'), [250])
})

t.test('smtpd --rules sets every variable that smtpd knows, over its own environment', { skip }, async (t) => {
  const home = new ScratchHome(t, { rcpthosts: 'test.example\n', greetdelay: '1000000\n', mfcheck: '1\n', resolvers: '# nobody\n' })
  writeFileSync(join(home.path, 'check'), '#!/bin/sh\nenv >"checked-$RECIPIENT"\nexit 100\n', { mode: 0o755 })
  const queue = '#!/bin/sh\nenv >queued-env; cat >/dev/null; cat <&1 >/dev/null; printf "Dnot for you" >&6; exit 82\n'
  writeFileSync(join(home.path, 'other-queue'), queue, { mode: 0o755 })
  const free = 'GREETDELAY="0",MFCHECK="0",DATABYTES="0"'
  makeRules(
    home,
    `127.0.0.1:allow,${free},RCPTCHECK="./check"\n127.0.0.2:allow,${free},QMAILQUEUE="other-queue",X="1"\n:allow,GREETDELAY="0"\n`,
  )
  const { port } = await started(t, home, ['--no-ptr'], { DATABYTES: '1' })
  t.same(await asks(t, port, '127.0.0.1', 'r@test.example'), [553])
  const checked = readFileSync(join(home.path, 'checked-r@test.example'), 'latin1')
  for (const line of ['TCPREMOTEIP=127.0.0.1', 'PROTO=TCP', 'TCPLOCALIP=127.0.0.1', `TCPLOCALPORT=${port}`])
    t.ok(checked.includes(`${line}\n`), line)
  const other = new Client(t, port, '127.0.0.1', '127.0.0.2')
  other.send('MAIL FROM:<>\r\nRCPT TO:<r@test.example>\r\nDATA\r\nxx\r\n.\r\nQUIT\r\n')
  t.match(await other.ending(), /354 go ahead\r\n554 not for you\r\n221 /)
  const seen = readFileSync(join(home.path, 'queued-env'), 'latin1')
  for (const line of ['TCPREMOTEIP=127.0.0.2', 'X=1', 'DATABYTES=0']) t.ok(seen.includes(`${line}\n`), line)
  const third = new Client(t, port, '127.0.0.1', '127.0.0.3')
  t.match(await third.ask('MAIL FROM:<s@x.example>\r\n', 2), /\r\n451 DNS temporary failure/)
})

t.test('smtpd --rules reads the text itself, and takes no half of it', async (t) => {
  const home = new ScratchHome(t, { rcpthosts: 'test.example\n', smtp: '127.0.0.1-2:allow,RELAYCLIENT=""\n:deny\n' })
  const server = new Resident(t, home, ['--rules', 'control/smtp', '--no-ptr'])
  const port = await server.ready()
  t.same(await asks(t, port, '127.0.0.2', 'r@far.example'), [250])
  t.same(await asks(t, port, '127.0.0.3', 'r@test.example'), [])
  home.control('smtp', ':allow\n127.0.0.1=deny\n')
  t.equal(await new Client(t, port).ending(), '421 unable to read controls (#4.3.0)\r\n')
  await server.logs(
    'smtpd: unable to read control/smtp: this line is no rule: 127.0.0.1=deny; new clients hear 421 until that is put right\n',
  )
})

t.test('smtpd obeys control/smtp.cdb without --rules, if it is there, and --rules instead of it', { skip }, async (t) => {
  const home = new ScratchHome(t, { rcpthosts: 'test.example\n', other: ':allow\n' })
  const without = new Resident(t, home)
  t.same(await asks(t, await without.ready(), '127.0.0.2', 'r@test.example'), [250])
  t.notMatch(without.log, 'rules')
  execFileSync('tcprules', [join(home.path, 'control/smtp.cdb'), join(home.path, 'rules.tmp')], { input: '127.0.0.2:deny\n' })
  const usual = new Resident(t, home)
  const port = await usual.ready()
  t.same(await asks(t, port, '127.0.0.2', 'r@test.example'), [])
  t.same(await asks(t, port, '127.0.0.1', 'r@test.example'), [250])
  t.match(usual.log, 'smtpd: clients are under the rules of control/smtp.cdb\n')
  const named = new Resident(t, home, ['--no-ptr', '--rules', 'control/other'])
  t.same(await asks(t, await named.ready(), '127.0.0.2', 'r@test.example'), [250])
})

t.test('smtpd --rules decides as smtpd under tcpserver -x with the same file', { skip: missing('tcprules', 'tcpserver') }, async (t) => {
  const home = new ScratchHome(t, { rcpthosts: 'test.example\n', maxrecipients: '1\n' })
  makeRules(home, '127.0.0.1:allow,RELAYCLIENT=""\n127.0.0.2:deny\n127.0.0.:allow,MAXRCPT="2"\n127.0.1-2.:allow,RCPTCHECK="/bin/false"\n')
  const args = ['-1', '-H', '-R', '-l', '0', '-x', join(home.path, 'rules.cdb'), '127.0.0.1', '0', smtpd]
  const tcpserver = spawn('tcpserver', args, { env: home.environment(), stdio: ['ignore', 'pipe', 'inherit'] })
  t.teardown(async () => {
    tcpserver.kill('SIGTERM')
    await once(tcpserver, 'exit')
  })
  const [line] = (await once(tcpserver.stdout, 'data')) as [Buffer]
  const { port } = await started(t, home)
  const recipients = ['r1@far.example', 'r1@test.example', 'r2@test.example', 'r3@test.example']
  for (const source of ['127.0.0.1', '127.0.0.2', '127.0.0.3', '127.0.2.1', '127.1.1.1']) {
    t.same(await asks(t, port, source, ...recipients), await asks(t, Number(line), source, ...recipients), source)
  }
})

const blockedSession =
  'HELO x\r\nehlo x\r\nMAIL FROM:<s@x.example>\r\nRCPT TO:<r@test.example>\r\nDATA\r\nRSET\r\nNOOP\r\nVRFY r\r\nHELP\r\nwhat\r\nQUIT\r\n'

t.test('smtpd --rules answers whom RBLSMTPD blocks as rblsmtpd does', { skip: missing('tcprules', 'tcpserver', 'rblsmtpd') }, async (t) => {
  const home = new ScratchHome(t, { rcpthosts: 'test.example\n', greetdelay: '0\n' })
  const long = `-${'0123456789'.repeat(30)}`
  const values = {
    '127.0.0.1': 'go away',
    '127.0.0.2': '-go away',
    '127.0.0.3': '-',
    '127.0.0.4': long,
    '127.0.0.5': 'caf\xe9\tx\x7f',
  }
  const rules = Object.entries({ ...values, '127.0.0.6': '' }).map(([address, value]) => `${address}:allow,RBLSMTPD="${value}"\n`)
  makeRules(home, rules.join(''))
  const args = ['-1', '-H', '-R', '-l', '0', '-x', join(home.path, 'rules.cdb'), '127.0.0.1', '0', 'rblsmtpd', smtpd]
  const tcpserver = spawn('tcpserver', args, { env: home.environment(), stdio: ['ignore', 'pipe', 'ignore'] })
  t.teardown(async () => {
    tcpserver.kill('SIGTERM')
    await once(tcpserver, 'exit')
  })
  const [line] = (await once(tcpserver.stdout, 'data')) as [Buffer]
  const { server, port } = await started(t, home)
  const says = async (port: number, source: string): Promise<string> => {
    const client = new Client(t, port, '127.0.0.1', source)
    client.send(blockedSession)
    return client.ending()
  }
  for (const source of Object.keys(values)) {
    const ours = await says(port, source)
    const theirs = await says(Number(line), source)
    t.equal(
      ours.replace('220 test.example ESMTP', '220 test.example'),
      theirs.replaceAll('rblsmtpd.local', 'test.example').replace(' ESMTP', ''),
      source,
    )
  }
  await server.logs(': blocked, 553 go away\n')
  t.same(await asks(t, port, '127.0.0.6', 'r@test.example'), [250], 'an empty one blocks nobody')
  t.equal(home.queued().length, 0)
})

t.test('smtpd does not keep a client whom RBLSMTPD blocks, however much it says, nor let it wait for its greeting', async (t) => {
  const home = new ScratchHome(t, { timeoutsmtpd: '1\n', greetdelay: '1000000\n', smtp: '127.0.0.1:allow,RBLSMTPD="no"\n' })
  const port = await new Resident(t, home, ['--no-ptr', '--rules', 'control/smtp']).ready()
  const client = new Client(t, port)
  t.match(await client.replies(), /^220 /)
  const chatter = setInterval(() => client.send('NOOP\r\n'), 50)
  t.notMatch(await client.ending(), /451/)
  clearInterval(chatter)
})

t.test('one-shot, smtpd leaves RBLSMTPD to rblsmtpd', async (t) => {
  const home = new ScratchHome(t, { rcpthosts: 'test.example\n' })
  t.same(codes(await oneShot(home, naming('r@test.example'), { RBLSMTPD: '-no' })).slice(1), [250])
})

const zone: Zone = {
  '1.0.0.127.in-addr.arpa': { PTR: ['Friend.Example'] },
  'friend.example': { A: ['127.0.0.1'] },
  '2.0.0.127.in-addr.arpa': { PTR: ['friend.example'] },
  '3.0.0.127.in-addr.arpa': { PTR: ['a.b.friend.example'] },
  'a.b.friend.example': { A: ['192.0.2.1', '127.0.0.3'] },
}

t.test('smtpd --rules goes by names that lead back to the client, and by none with --no-ptr', { skip }, async (t) => {
  const dns = await startDnsServer(zone)
  t.teardown(() => dns.close())
  const home = new ScratchHome(t, { rcpthosts: 'test.example\n', resolvers: `${dns.address}\n` })
  makeRules(home, '=friend.example:allow,RELAYCLIENT=""\n=.friend.example:deny\n=:deny\n:allow\n')
  const { port } = await started(t, home, [])
  t.same(await asks(t, port, '127.0.0.1', 'r@far.example'), [250])
  t.same(await asks(t, port, '127.0.0.2', 'r@far.example'), [553], 'who lies about his name has none')
  t.same(await asks(t, port, '127.0.0.3', 'r@far.example'), [])
  t.same(await asks(t, port, '127.0.0.4', 'r@far.example'), [553])
  const nameless = await started(t, home)
  t.same(await asks(t, nameless.port, '127.0.0.1', 'r@far.example'), [553])
})

t.test('smtpd --rules greets without asking for a name where no rule is for names', { skip }, async (t) => {
  const dns = await startDnsServer({ '1.0.0.127.in-addr.arpa': { PTR: 'SILENCE' } })
  t.teardown(() => dns.close())
  const home = new ScratchHome(t, { resolvers: `${dns.address}\n` })
  makeRules(home, '127.:allow\n')
  const { port } = await started(t, home, [])
  t.same(await asks(t, port, '127.0.0.1', 'r@test.example'), [250])
})

t.test(
  'smtpd --rules lets nobody in while the file cannot be read, says so once, and starts not at all without it',
  { skip },
  async (t) => {
    const home = new ScratchHome(t)
    makeRules(home, ':allow\n')
    const { server, port } = await started(t, home)
    rmSync(join(home.path, 'rules.cdb'))
    for (let tries = 0; tries < 2; tries += 1) {
      t.equal(await new Client(t, port).ending(), '421 unable to read controls (#4.3.0)\r\n')
    }
    t.equal(server.log.split('unable to read rules.cdb: file does not exist; new clients hear 421 until that is put right\n').length, 2)
    const failing = new Resident(t, home, ['--rules', 'rules.cdb'])
    t.same(await once(failing.process, 'close'), [111, null])
    t.equal(failing.log, 'smtpd: unable to read rules.cdb: file does not exist\n')
    makeRules(home, ':allow\n')
    t.same(await asks(t, port, '127.0.0.1', 'r@test.example'), [250])
  },
)

t.test('SMTPAUTH=! keeps mail out of a server at which nobody can log in', async (t) => {
  const home = new ScratchHome(t, { rcpthosts: 'test.example\n' })
  const server = new Resident(t, home, ['--no-ptr'], { SMTPAUTH: '!' })
  const client = new Client(t, await server.ready())
  await client.replies()
  client.send('EHLO x\r\nMAIL FROM:<>\r\nRCPT TO:<r@test.example>\r\nQUIT\r\n')
  t.match(await client.ending(), /250 8BITMIME\r\n530 Authorization required \(#5\.7\.0\)\r\n503 MAIL first/)
})
