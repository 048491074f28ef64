/** explain beside a system that runs, and beside one that does not. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, closeSync, existsSync, openSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { makeCdb } from '@yabumi/cdb'
import { execa } from 'execa'
import t, { type Test } from 'tap'
import { amRoot, ScratchHome, userAccount } from '../../../../test/support/home.ts'
import type { Running } from '../../../../test/support/running.ts'
import { until } from '../../../../test/support/wait.ts'

const from = ['-fme@mail.test.example']

async function homeOf(t: Test): Promise<ScratchHome> {
  const home = await ScratchHome.make(t, 'joe', 'ann')
  home.control('smtproutes', 'far.example:127.0.0.1:1\n')
  return home
}

/** The log so far, as a file. */
function logOf(home: ScratchHome, running: Running): string[] {
  const path = join(home.root, 'log')
  writeFileSync(path, running.log, 'latin1')
  return ['--log', path]
}

t.test('of a message that waits, explain says what was tried and what comes next', async (t) => {
  const home = await homeOf(t)
  const running = await home.supervise({ smtp: [], pop3: [] })
  await home.inject([...from, 'a@far.example', 'joe@mail.test.example'], 'Message-ID: <one@x>\n\ny\n')
  const [, id = ''] = (await running.logs(/new msg (\d+)/))[0] as RegExpMatchArray
  await running.logs(/delivery \d+: deferral/)
  await running.logs(/delivery \d+: success/)
  await until('joe is done', () => !existsSync(join(home.directory, 'queue/local', String(Number(id) % 23), id)))
  const { stdout } = await home.run('explain', [...logOf(home, running), id])
  t.match(stdout, `message ${id} is preprocessed (S5)`)
  t.match(stdout, 'from <me@mail.test.example>, ')
  t.match(stdout, 'Message-ID <one@x>')
  t.match(
    stdout,
    /remote a@far.example: to do\n {4}tried: deferral: Sorry,_I_wasn't_able_to_establish_an_SMTP_connection._\(#4.4.1\)\n {4}next: .* \(in \d+[sm]\), by the rule.*; then, if deferred: /,
  )
  t.match(stdout, /local joe@mail.test.example: done\n {4}tried: success: did_1\+0\+0/)
  t.match((await home.run('explain', [...logOf(home, running), '<one@x>'])).stdout, `message ${id} is preprocessed (S5)`)
  const json = JSON.parse((await home.run('explain', ['--json', ...logOf(home, running), `#${id}`])).stdout)
  t.match(json, {
    kind: 'message',
    id,
    state: 'S5',
    sender: 'me@mail.test.example',
    recipients: [{ standing: 'done' }, { standing: 'to do', attempts: [{ outcome: 'deferral' }], outlook: { by: 'rule' } }],
  })
  await home.run('qhold', ['--yes', id])
  t.match((await home.run('explain', [id])).stdout, 'held: it is not tried before qrelease')
  t.match((await home.run('explain', ['a@far.example'])).stdout, `waiting for it in the queue: #${id}\n`)
  await running.stop()
})

t.test('of a message that is finished, the log tells; of an unknown one nothing does', async (t) => {
  const home = await homeOf(t)
  const running = await home.supervise({ smtp: [], pop3: [] })
  await home.inject([...from, 'joe@mail.test.example'], 'Subject: x\n\ny\n')
  const [, id = ''] = (await running.logs(/end msg (\d+)/))[0] as RegExpMatchArray
  await running.emptied()
  const { stdout } = await home.run('explain', [...logOf(home, running), id])
  t.match(stdout, `message ${id} is not in the queue\n`)
  t.match(stdout, /local joe@mail.test.example: ended\n {4}tried: success: did_1\+0\+0\n {2}finished, says the log/)
  t.match(await home.run('explain', [...logOf(home, running), '1'], { reject: false }), {
    exitCode: 1,
    stdout: /message 1 is not in the queue/,
  })
  t.match(await home.run('explain', ['<no@x>'], { reject: false }), {
    exitCode: 111,
    stderr:
      /no message in the queue has the Message-ID <no@x>, nor does the log say .*; mail that inject took and that is finished is found by its number\n/,
  })
  await running.stop()
})

t.test('the log of the send that runs is found, be it a file or what a supervisor writes', async (t) => {
  const home = await homeOf(t)
  for (const [program, ...args] of [['start', './Maildir/'], ['supervise']] as [string, ...string[]][]) {
    const log = join(home.root, `${program}.log`)
    const fd = openSync(log, 'w')
    const child = spawn(join(home.directory, 'bin', program), args, { env: home.environment, stdio: ['ignore', fd, fd], cwd: home.root })
    t.teardown(() => child.kill())
    closeSync(fd)
    await home.inject([...from, 'joe@mail.test.example'], 'Subject: x\n\ny\n')
    const [, id = ''] = await until('the message is delivered', () => /end msg (\d+)\n/.exec(readFileSync(log, 'latin1')) ?? undefined)
    await until('it is gone', () => home.queued().length === 0)
    const { stdout } = await home.run('explain', ['--json', id])
    t.match(JSON.parse(stdout), { log: { files: [log], known: true }, recipients: [{ attempts: [{ outcome: 'success' }] }] }, program)
    const ended = once(child, 'exit')
    child.kill()
    await ended
  }
})

t.test('of a message that is not preprocessed, explain says where it will go', async (t) => {
  const home = await homeOf(t)
  await home.inject([...from, 'joe@mail.test.example', 'a@far.example'], 'Subject: x\n\ny\n')
  const { stdout } = await home.run('explain', home.pending())
  t.match(stdout, 'is accepted and not yet preprocessed (S4)')
  t.match(stdout, 'joe@mail.test.example is local\n')
  t.match(stdout, 'a@far.example is remote\n')
  t.match(stdout, 'note: no send runs that we can see')
})

t.test('of a local address, explain says whose it is, which files were looked for, and what each line does', async (t) => {
  const home = await homeOf(t)
  home.userFile('joe', '.qmail-default', '# a comment\n./Maildir/\n|true\n&ann@mail.test.example\n./Missing/\na@far.example\n')
  const { stdout } = await home.run('explain', ['joe-list-x@mail.test.example'])
  t.match(stdout, `users/cdb assigns it to joe, uid ${userAccount.uid}, home ${home.userHome('joe')}, extension "-list-x"`)
  const files = ['.qmail-list-x: is not there', '.qmail-list-default: is not there', '.qmail-default: is there', '.qmail-default says:']
  t.match(stdout, `  ${files.join('\n  ')}\n`)
  const lines = [
    'line 2: maildir ./Maildir/',
    'line 3: program true',
    'line 4: forward ann@mail.test.example (local, as ann@mail.test.example)',
    'line 5: maildir ./Missing/ (the delivery would be deferred: Unable to chdir to maildir.)',
    'line 6: forward a@far.example (remote, as a@far.example)',
  ]
  t.match(stdout, `    ${lines.join('\n    ')}\n`)
  home.userFile('joe', '.qmail-bad', './Maildir/\n', 0o666)
  t.match((await home.run('explain', ['joe-bad@mail.test.example'])).stdout, 'deferred: Uh-oh: .qmail file is writable. (#4.7.0)')
  t.match((await home.run('explain', ['nobody-knows@mail.test.example'])).stdout, 'bounced: Sorry, no mailbox here by that name. (#5.1.1)')
  t.match((await home.run('explain', ['joe@mail.test.example'])).stdout, 'default delivery says:\n    line 1: maildir ./Maildir/\n')
  t.same(readdirSync(join(home.userHome('joe'), 'Maildir/new')), [])
})

t.test('of an address that an alias database has, explain says where it leads', async (t) => {
  const home = await homeOf(t)
  const aliases = join(home.directory, 'aliases')
  writeFileSync(aliases, 'sales: joe, a@far.example\nlist: joe\nowner-list: ann\n')
  await home.run('newaliasdb', [aliases])
  const says = async (local: string, line: string): Promise<string> => {
    writeFileSync(join(home.directory, 'alias/.qmail-default'), `|${line}\n`)
    return (await home.run('explain', [`${local}@mail.test.example`])).stdout
  }
  const command = `aliasforward -d ${aliases}.cdb`
  const step = (line: string, note: string): string => `    line 1: program ${line} (${note})\n`
  t.match(await says('sales', command), step(command, `${aliases}.cdb: to a@far.example, to joe@mail.test.example`))
  t.match(await says('list', command), step(command, `${aliases}.cdb: from owner-list@mail.test.example, to joe@mail.test.example`))
  t.match(await says('nobody', command), step(command, `${aliases}.cdb does not have it: bounced`))
  t.match(
    await says('nobody', `aliasforward -pd ${aliases}.cdb`),
    step(`aliasforward -pd ${aliases}.cdb`, `${aliases}.cdb does not have it: the next line counts`),
  )
  t.match(await says('sales', `aliasforward -d ${aliases}`), /line 1: program .* \(the delivery would be deferred: unable to read /)
  home.control('unknownusers', 'refuse\n')
  t.match(await says('sales', command), 'smtpd answers RCPT for it: 250 ok')
  t.match(await says('nobody', command), `553 sorry, no mailbox here by that name. (#5.1.1) (recipientd: unknown, ${aliases}.cdb, which`)
})

t.test('control files are named where they decide', async (t) => {
  const home = await homeOf(t)
  home.control('virtualdomains', 'virtual.example:joe-v\n.below.example:joe-b\n')
  home.control('percenthack', 'mail.test.example\n')
  const says = async (address: string): Promise<string> => (await home.run('explain', [address])).stdout
  t.match(
    await says('sales@virtual.example'),
    'is local, as joe-v-sales@virtual.example\n  control/virtualdomains has virtual.example:joe-v\n',
  )
  t.match(await says('x@a.below.example'), 'control/virtualdomains has .below.example:joe-b')
  t.match(await says('joe%virtual.example@mail.test.example'), 'it means joe@virtual.example (control/envnoathost, control/percenthack)')
  t.match(await says('joe'), 'it means joe@mail.test.example')
  t.match(await says('x@elsewhere.example'), 'only from clients with RELAYCLIENT')
})

t.test('the deliveries at once are those that send comes to', async (t) => {
  for (const [local, remote] of [
    [5, 200],
    [300, 200],
    [1, 1_000],
  ]) {
    const home = await homeOf(t)
    home.control('concurrencylocal', `${local}\n`)
    home.control('concurrencyremote', `${remote}\n`)
    const running = await home.supervise({ smtp: [], pop3: [] })
    const [[, mostLocal, mostRemote] = []] = await running.logs(/status: local 0\/(\d+) remote 0\/(\d+)/)
    for (const [address, most] of [
      ['joe@mail.test.example', mostLocal],
      ['a@far.example', mostRemote],
    ]) {
      const says = `at most ${most} deliveries at once on that channel`
      t.match((await home.run('explain', [String(address)])).stdout, says, `${local} and ${remote}: ${says}`)
    }
    await running.stop()
  }
})

t.test('explain says what smtpd answers to RCPT, and by which entry, as smtpd does', async (t) => {
  const home = await homeOf(t)
  home.control('unknownusers', undefined)
  home.control('badrcptto', 'joe@mail.test.example\n/*.old@mail.test.example\n')
  home.control('validrcptto', 'ann-default@mail.test.example\n-ann-closed@mail.test.example\n@virtual.example\n')
  writeFileSync(join(home.directory, 'control/validrcptto.cdb'), makeCdb([[Buffer.from('ann@mail.test.example'), Buffer.alloc(0)]]))
  const bad = '553 sorry, your envelope recipient is in my badrcptto list (#5.7.1)'
  const unknown = '553 sorry, no mailbox here by that name. (#5.1.1)'
  const foreign = "553 sorry, that domain isn't in my list of allowed rcpthosts (#5.7.1)"
  const answers: Record<string, [strangers: string, because: string | undefined, relayClients: string]> = {
    'Joe@mail.test.example': [bad, 'badrcptto has joe@mail.test.example', bad],
    'x.old@mail.test.example': [bad, 'badrcptto has /*.old@mail.test.example', bad],
    'ann@mail.test.example': ['250 ok', 'validrcptto.cdb has ann@mail.test.example', '250 ok'],
    'ann-list@mail.test.example': ['250 ok', 'validrcptto has ann-default@mail.test.example', '250 ok'],
    'ann-closed@mail.test.example': [unknown, 'validrcptto has -ann-closed@mail.test.example', '250 ok'],
    'nobody@mail.test.example': [unknown, undefined, '250 ok'],
    'a@far.example': [foreign, undefined, '250 ok'],
  }
  const dialogue = Object.keys(answers)
    .map((address) => `RCPT TO:<${address}>\r\n`)
    .join('')
  const smtpd = async (env: Record<string, string>): Promise<string[]> => {
    const { stdout } = await home.run('smtpd', [], { input: `MAIL FROM:<>\r\n${dialogue}QUIT\r\n`, env })
    return stdout.split('\r\n').slice(2, -2)
  }
  const heard = { strangers: await smtpd({}), relayClients: await smtpd({ RELAYCLIENT: '' }) }
  for (const [index, [address, [strangers, because, relayClients]]] of Object.entries(answers).entries()) {
    const { stdout } = await home.run('explain', [address])
    t.match(stdout, `  smtpd answers RCPT for it: ${strangers}${because === undefined ? '' : ` (control/${because})`}\n`, address)
    t.equal(stdout.includes(`  to clients with RELAYCLIENT: ${relayClients}\n`), relayClients !== strangers, address)
    const { rcpt } = JSON.parse((await home.run('explain', ['--json', address])).stdout)
    t.same([rcpt.strangers.reply, rcpt.relayClients.reply], [strangers, relayClients], address)
    const [file, entry] = because?.split(' has ') ?? []
    t.same(rcpt.strangers.because, file === undefined ? undefined : { file, entry }, address)
    t.same([heard.strangers[index], heard.relayClients[index]], [strangers, relayClients], `${address}: smtpd`)
  }
})

t.test('explain says what recipientd would answer, and why; a bad line of control/unknownusers refuses, and is named', async (t) => {
  const home = await homeOf(t)
  home.userFile('joe', '.qmail-open', '', 0o666)
  const heard = async (address: string, env = {}) => (await home.run('explain', [address], { env })).stdout
  const unknown = '553 sorry, no mailbox here by that name. (#5.1.1) (recipientd: unknown, no .qmail file of joe takes it)\n'
  t.match(await heard('joe-x@mail.test.example'), `smtpd answers RCPT for it: ${unknown}  to clients with RELAYCLIENT: 250 ok\n`)
  t.match(await heard('joe-open@mail.test.example'), 'for it: 250 ok (recipientd: uncertain, Uh-oh: .qmail file is writable. (#4.7.0))\n')
  t.match(await heard('postmaster@mail.test.example'), 'for it: 250 ok (recipientd: known, every domain has it)\n')
  t.match(
    await heard('joe-x@mail.test.example', { QMAILLOCAL: 'bin/local' }),
    'for it: 250 ok (recipientd: uncertain, QMAILLOCAL delivers, and not our local)\n',
  )
  home.control('unknownusers', 'refuze\n')
  const bad = await heard('joe-x@mail.test.example')
  t.match(bad, unknown)
  t.match(bad, 'note: control/unknownusers line 1: is neither accept nor refuse, so the last good line still counts')
  home.control('unknownusers', undefined)
  t.match(await heard('joe-x@mail.test.example'), 'for it: 250 ok\n')
})

t.test('of a remote address, explain says the route, and which hosts are left alone', async (t) => {
  const home = await homeOf(t)
  const table = Buffer.alloc(1024)
  table.set([127, 0, 0, 1, 3])
  table.writeUInt32LE(Math.floor(Date.now() / 1000), 8)
  writeFileSync(join(home.directory, 'queue/lock/tcpto'), table)
  const { stdout } = await home.run('explain', ['a@far.example'])
  t.match(stdout, 'it goes by SMTP to the relay 127.0.0.1 port 1 (control/smtproutes), as mail.test.example\n')
  t.match(stdout, /address 127\.0\.0\.1, 3 timeouts lately: left alone for now\n +(clear text|TLS if it can be had), by default\n/)
  t.match(stdout, 'note: every address timed out lately: deliveries are deferred at once\n')
  t.match(stdout, 'what is deferred is tried at the ages 0, 400, 1600, 3600, 6400, 10000 ... seconds, and given up after 604800\n')
})

t.test('an ordinary user sees what is theirs, and hears what is not', { skip: !amRoot && 'needs two accounts' }, async (t) => {
  const home = await homeOf(t)
  home.userFile('joe', '.qmail', './Maildir/\n')
  chmodSync(home.directory, 0o755)
  await home.inject([...from, 'joe@mail.test.example'], 'Subject: x\n\ny\n')
  const run = (uid: number, ...args: string[]) =>
    execa(join(home.directory, 'bin/explain'), args, { env: home.environment, extendEnv: false, uid, gid: uid, reject: false, cwd: '/' })
  const own = await run(userAccount.uid, 'joe@mail.test.example')
  t.match(own, { exitCode: 0, stdout: /\.qmail says:\n {4}line 1: maildir .\/Maildir\// })
  t.match(
    own.stdout,
    `the queue is readable only to the accounts that own it: whether mail for it waits there, uid ${userAccount.uid} cannot see`,
  )
  t.match(
    (await run(65_533, 'joe@mail.test.example')).stdout,
    'what the files of joe say is shown to joe and to root, and you are uid 65533',
  )
  t.match((await run(65_533, home.pending()[0] as string)).stdout, 'is in a queue that is not yours to read')
})

t.test("mail for others waits in a home that is one ordinary user's", { skip: !amRoot && 'needs two accounts' }, async (t) => {
  const home = await homeOf(t)
  await execa('chown', ['-R', '65533:65533', home.directory])
  const { stdout } = await home.run('explain', ['joe@mail.test.example'])
  const { uid } = userAccount
  t.match(stdout, `deferred: Mail for joe (uid ${uid}) can be delivered only by an lspawn that runs as root; here it runs as uid 65533.`)
})

t.test('a wrong command line is refused', async (t) => {
  const home = await homeOf(t)
  for (const args of [[], ['1', '2'], [''], ['--no', '1']])
    t.match(await home.run('explain', args, { reject: false }), { exitCode: 100, stderr: /^explain: / })
})

t.test('B3: explain names the lines of control files that do not count', async (t) => {
  const home = await homeOf(t)
  writeFileSync(join(home.directory, 'control/smtproutes'), ':relay.example:abc\n')
  writeFileSync(join(home.directory, 'control/rcpthosts'), '\ufeffmail.test.example\r\n')
  const { stdout } = await home.run('explain', ['joe@mail.test.example'])
  t.match(stdout, "smtpd answers RCPT for it: 250 ok (recipientd: known, it is joe's)\n")
  t.match(stdout, 'note: control/rcpthosts line 1: begins with a byte order mark, which does not count; save it without\n')
  t.match(
    (await home.run('explain', ['a@far.example'])).stdout,
    'note: control/smtproutes line 1: the port is no number, so the usual one is meant\n',
  )
})
