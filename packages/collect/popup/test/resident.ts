import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import t from 'tap'
import { Dialogue, oneLine } from '../../../../test/support/dialogue.ts'
import { ScratchHome } from '../../../../test/support/home.ts'
import { freePort, hasIpv6 } from '../../../../test/support/ports.ts'
import { missing } from '../../../../test/support/programs.ts'
import { until } from '../../../../test/support/wait.ts'
import { age, Listening } from './fixtures/listening.ts'

const home = await ScratchHome.make(t, 'kyoma')
home.control('popextensions', undefined) // as an old home: replies are qmail's
home.control('apop', undefined)
await home.run('setpassword', ['kyoma'], { input: 'geheim\n' })
home.userFile('kyoma', 'Maildir/new/1.a', 'Subject: one\n\nfirst\n')
age(home, 'kyoma')

/** Send everything at once and hear everything. */
async function exchange(port: number, input: string): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  socket.end(Buffer.from(input, 'latin1'))
  const said = await text(socket.setEncoding('latin1'))
  return said.replace(/^\+OK <[0-9.]+@/, '+OK <N@')
}

const greeting = '+OK <N@blue.sci.hokudai.ac.jp>\r\n'

t.test('commands that the client sends before it is logged in reach pop3d, each byte', async (t) => {
  const listening = await Listening.start(t, home)
  const said = await exchange(listening.port, 'USER kyoma\r\nPASS geheim\r\nSTAT\r\nUIDL\r\nRETR 1\r\nNOOP\r\nQUIT\r\n')
  const session = '+OK \r\n+OK 1 20\r\n+OK \r\n1 1.a\r\n.\r\n+OK \r\nSubject: one\r\n\r\nfirst\r\n\r\n.\r\n+OK \r\n+OK \r\n'
  t.equal(said, `${greeting}+OK \r\n${session}`)
})

t.test('the log says who and where from, and never a password', async (t) => {
  const listening = await Listening.start(t, home)
  await exchange(listening.port, 'USER kyoma\r\nPASS geheim\r\nQUIT\r\n')
  await exchange(listening.port, 'USER k\xffma\x1b[2J\r\nPASS geheim\r\nQUIT\r\n')
  await listening.logs(/: end: [^\n]+\n/, 2)
  t.match(
    listening.log,
    /^popup: listening on 127\.0\.0\.1:\d+\npopup: (127\.0\.0\.1 \d+): pid (\d+): kyoma\npopup: \1: end: pid \2 status 0, refused 0, seconds \d\npopup: (127\.0\.0\.1 \d+): pid \d+: k=FFma=1B\[2J\npopup: \3: declined: wrong login or password: k=FFma=1B\[2J\npopup: \3: end: not let in, refused 1, seconds \d\n$/,
  )
  t.notMatch(listening.log, 'geheim')
})

t.test('the program below sees the connection as under tcpserver, with our descriptor 2', async (t) => {
  const show = 'cat <&3 >/dev/null; env | grep -E "^(PROTO|TCP)" | sort; test -e /proc/$$/fd/4 && echo open; echo log >&2'
  const listening = await Listening.start(t, home, ['sh', '-c', show])
  const socket = connect(listening.port, '127.0.0.1')
  socket.end('USER kyoma\r\nPASS geheim\r\n')
  const port = () => socket.localPort
  await new Promise((resolve) => socket.once('connect', resolve))
  const own = port()
  const said = await text(socket.setEncoding('latin1'))
  t.match(said, `PROTO=TCP\nTCPLOCALIP=127.0.0.1\nTCPLOCALPORT=${listening.port}\nTCPREMOTEIP=127.0.0.1\nTCPREMOTEPORT=${own}\n`)
  t.notMatch(said, 'open')
  await listening.logs(/^log$/m)
})

t.test('several addresses, IPv6 too', { skip: !(await hasIpv6()) && 'this machine has no ::1' }, async (t) => {
  const port = await freePort('::1')
  const listening = await Listening.start(t, home, undefined, ['--listen', `[::1]:${port}`])
  const pop = await Dialogue.open(port, oneLine, '::1')
  await pop.say('USER kyoma', oneLine)
  t.equal(await pop.say('PASS geheim', oneLine), '+OK \r\n')
  t.equal(await pop.say('QUIT', oneLine), '+OK \r\n')
  t.equal((await listening.logIn('kyoma', 'geheim')).reply, '+OK \r\n')
  await listening.logs(/^popup: ::1 \d+: pid \d+: kyoma$/m)
  pop.close()
})

t.test('every connection has its own challenge', async (t) => {
  const listening = await Listening.start(t, home)
  const connections = await Promise.all(Array.from({ length: 20 }, () => listening.connect()))
  t.equal(new Set(connections.map(({ challenge }) => challenge)).size, 20)
  for (const { pop } of connections) pop.close()
})

t.test('one session’s end is seen by its client at once, whoever else is logged in', async (t) => {
  const listening = await Listening.start(t, home)
  const sessions = await Promise.all(Array.from({ length: 4 }, () => listening.logIn('kyoma', 'geheim')))
  for (const { pop } of sessions) {
    t.equal(await pop.say('QUIT', oneLine), '+OK \r\n')
    t.equal(await pop.hear(() => false), '')
  }
})

t.test('descriptors and memory do not grow with the sessions', async (t) => {
  const listening = await Listening.start(t, home, ['sh', '-c', 'cat <&3 >/dev/null; exit 1'])
  const before = listening.descriptors()
  for (let round = 0; round < 10; round += 1) {
    const inputs = ['USER a\r\nPASS b\r\n', 'QUIT\r\n', 'USER a\r\n', '', '\0'.repeat(20_000), 'USER a\r\nPASS b\r\n']
    await Promise.all(inputs.map((input) => exchange(listening.port, input)))
  }
  await until('all descriptors are closed again', () => listening.descriptors() <= before)
  t.ok(listening.residentKilobytes() < 120_000, `${listening.residentKilobytes()} KB`)
})

t.test('a client beyond the limit hears so, and there is room again when others have gone', async (t) => {
  const listening = await Listening.start(t, home)
  const all = await Promise.all(Array.from({ length: 200 }, () => listening.connect()))
  const { pop } = await listening.connect()
  t.equal(pop.transcript, '-ERR too many connections, try again later\n')
  for (const one of all) one.pop.close()
  await until('there is room again', async () => {
    const again = await listening.connect()
    again.pop.close()
    return again.challenge !== ''
  })
})

t.test('a program that cannot be run is named in the log, and the client is not let in', async (t) => {
  const listening = await Listening.start(t, home, ['bin/nosuch'])
  t.equal((await listening.logIn('kyoma', 'geheim')).reply, '-ERR authorization failed\r\n')
  await listening.logs(/^popup: 127\.0\.0\.1 \d+: not judged, unable to run bin\/nosuch: file does not exist: kyoma$/m)
})

t.test('a killed session does not disturb the others', async (t) => {
  const listening = await Listening.start(t, home)
  const [first, second] = await Promise.all([listening.logIn('kyoma', 'geheim'), listening.logIn('kyoma', 'geheim')])
  await listening.logs(/: pid \d+: /, 2)
  process.kill(Number(/: pid (\d+): /.exec(listening.log)?.[1]), 'SIGKILL')
  const heard = await Promise.race([first.pop.hear(oneLine), second.pop.hear(oneLine)])
  t.equal(heard, '-ERR aack, child crashed\r\n')
  const alive = await Promise.all([first.pop.say('STAT', oneLine), second.pop.say('STAT', oneLine)])
  t.ok(alive.includes('+OK 1 20\r\n'))
})

t.test('bytes above 127 of the command line reach the subprogram as they are', async (t) => {
  const listening = await Listening.start(t, home, ['sh', '-c', 'printf %s "$1" >"$2"', 'sh', 'caf\u00e9', join(home.root, 'word')])
  await exchange(listening.port, 'USER kyoma\r\nPASS geheim\r\n')
  await until('the subprogram has run', () => existsSync(join(home.root, 'word')))
  t.equal(readFileSync(join(home.root, 'word'), 'utf8'), 'caf\u00e9')
})

t.test('a command line that cannot be is refused in one line', async (t) => {
  const complaint = (...args: string[]) => {
    const { status, stderr } = spawnSync(join(home.directory, 'bin/popup'), args, { env: home.environment, encoding: 'utf8' })
    t.not(status, 0)
    return stderr
  }
  t.equal(complaint('--listen', '127.0.0.1:0'), 'popup: name the host and the program that checks passwords; see popup --help\n')
  t.equal(complaint('--listen', '127.0.0.1:0', 'host'), 'popup: name the host and the program that checks passwords; see popup --help\n')
  t.match(complaint('--listen', 'localhost:110', 'host', 'true'), /^popup: localhost:110 is not an address with a port; .*\n$/)
  t.equal(complaint('--listen', '127.0.0.1:0', '--ready-fd', 'x', 'host', 'true'), "popup: --ready-fd x: not a descriptor's number\n")
  t.match(
    complaint('--listen', '127.0.0.1:0', '--ready-fd', '77', 'host', 'true'),
    /^popup: listening on 127\.0\.0\.1:\d+\npopup: unable to write to descriptor 77, named by --ready-fd: .*\n$/,
  )
  t.match(complaint('--nosuch', 'host', 'true'), /^popup: .*see popup --help\n$/)
  const taken = await Listening.start(t, home)
  t.match(
    complaint('--listen', `127.0.0.1:${taken.port}`, 'host', 'true'),
    /^popup: unable to listen on 127\.0\.0\.1:\d+: address already used; .*\n$/,
  )
})

t.test('rules made by tcprules say who may connect and what the program below finds', { skip: missing('tcprules') }, async (t) => {
  const rules = join(home.directory, 'pop.cdb')
  const makeRules = (input: string) => execFileSync('tcprules', [rules, `${rules}.tmp`], { input })
  makeRules('127.0.0.1:allow,GREETING="hi there"\n:deny\n')
  const listening = await Listening.start(t, home, ['sh', '-c', 'cat <&3 >/dev/null; echo "$GREETING"'], ['--rules', 'pop.cdb'])
  t.match(await exchange(listening.port, 'USER kyoma\r\nPASS geheim\r\n'), /hi there\n$/)
  makeRules(':deny\n')
  t.equal(await exchange(listening.port, ''), '')
  await listening.logs(/^popup: 127\.0\.0\.1 \d+: denied by a rule$/m)
})
