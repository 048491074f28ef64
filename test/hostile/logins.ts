/** Whoever listens holds no rights: what a fallen front, another account of the home and a user of the host can do with logins. As root. */
import { spawnSync } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { chmodSync, closeSync, lstatSync, mkdirSync, openSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import t from 'tap'
import { authConnectionsPerCaller, sessionsPerLogin, wrongPasswords } from '../../packages/formats/limits/src/index.ts'
import { Conversation } from '../../packages/system/loginprotocol/src/index.ts'
import { encodeRecord } from '../../packages/system/loginprotocol/src/record.ts'
import { Dialogue, oneLine } from '../support/dialogue.ts'
import { amRoot, type Cleaner, ScratchHome } from '../support/home.ts'
import { accountUids, giveAccounts, Logins } from '../support/logins.ts'
import { inOwnNameSpace, noSilentFs } from '../support/silentfs.ts'
import { until } from '../support/wait.ts'
import { call } from './support/call.ts'

const needsRoot = !amRoot && 'only root has other accounts'
const stranger = 61_200
const failed = '-ERR authorization failed\r\n'
const notNow = '-ERR [SYS/TEMP] unable to check the login now, try again later\r\n'

async function homeWithLogins(t: Cleaner): Promise<ScratchHome> {
  const home = await homeWithTwo(t)
  giveAccounts(home)
  return home
}

/** Without accounts: works as root and not as root. */
async function homeWithTwo(t: Cleaner): Promise<ScratchHome> {
  const home = await ScratchHome.make(t, 'kyoma', 'ann')
  home.control('popextensions', undefined) // as an old home: replies are qmail's
  for (const [login, password] of [
    ['kyoma', 'geheim'],
    ['ann', 'tanstaaf'],
  ] as const) {
    await home.run('setpassword', [login], { input: `${password}\n` })
  }
  return home
}

/** What sessions run: a shell script. */
function serverIn(home: ScratchHome, script: string): string[] {
  const server = join(home.root, 'server')
  writeFileSync(server, `#!/bin/sh\n${script}\n`)
  chmodSync(server, 0o755)
  return [server]
}

const login = (...fields: string[]): Buffer => encodeRecord(['login', 'pass', ...fields, '192.0.2.1', 'pop3d', 'Maildir'])

t.test('no account but those of fronts is heard by authd, whatever it knows', { skip: needsRoot }, async (t) => {
  const home = await homeWithLogins(t)
  const logins = await Logins.start(t, home)
  for (const uid of [stranger, accountUids.queue, accountUids.smtp, accountUids.log, 65_534]) {
    for (const record of [
      login('kyoma', 'geheim'),
      login('kyoma', 'wrong'),
      encodeRecord(['challenge', 'host']),
      encodeRecord(['store', 'kyoma', '', 'x']),
    ]) {
      t.equal(call(home, uid, 'authd.sock', record), '', `uid ${uid}`)
    }
  }
  t.equal((await logins.logIn('kyoma', 'geheim')).reply, '+OK \r\n', 'and nothing has changed')
})

t.test('nobody but authd is heard by sessiond', { skip: needsRoot }, async (t) => {
  const home = await homeWithLogins(t)
  await Logins.start(t, home)
  const wish = encodeRecord(['session', 'kyoma', 'pop3d', 'Maildir'])
  for (const uid of [stranger, accountUids.front, accountUids.queue, 65_534])
    t.equal(call(home, uid, 'sessiond.sock', wish), 'EACCES', `uid ${uid}`)
  chmodSync(join(home.directory, 'sessiond.sock'), 0o666)
  for (const uid of [stranger, accountUids.front, accountUids.queue, 65_534, 0]) {
    t.equal(call(home, uid, 'sessiond.sock', encodeRecord(['end', 'kyoma'])), '', `uid ${uid}, by the kernel’s word alone`)
  }
  t.equal(call(home, accountUids.auth, 'sessiond.sock', encodeRecord(['end', 'kyoma'])), encodeRecord(['ended']).toString('latin1'))
})

t.test('a fallen front stores no password, names no user and stops nobody, whatever it says', { skip: needsRoot }, async (t) => {
  const home = await homeWithLogins(t)
  const logins = await Logins.start(t, home)
  t.equal((await logins.logIn('kyoma', 'geheim')).reply, '+OK \r\n')
  const descriptors = (): number => readdirSync(`/proc/${logins.pid('authd')}/fd`).length
  const before = descriptors()
  const wrong = encodeRecord(['wrong']).toString('latin1')
  const odd: [what: string, bytes: Buffer, answer: string | RegExp][] = [
    ['a password of its own', encodeRecord(['store', 'kyoma', '', 'mine']), ''],
    ['a user', encodeRecord(['session', 'kyoma', 'pop3d', 'Maildir']), ''],
    ['the end of sessions', encodeRecord(['end', 'kyoma']), ''],
    ['an unknown word', encodeRecord(['surprise']), ''],
    ['nothing', Buffer.from([0, 0]), ''],
    ['half a record', encodeRecord(['login', 'pass']).subarray(0, 7), ''],
    ['too long a record', Buffer.alloc(20_000, 0xff), ''],
    ['noise', Buffer.from(Array.from({ length: 5_000 }, (_, n) => (n * 7919) & 255)), ''],
    ['no fields', login(), wrong],
    ['a login that is no line', login('kyoma\n#', 'geheim'), wrong],
    ['a right login without a connection', Buffer.concat([login('kyoma', 'geheim'), Buffer.from('xx')]), ''],
    ['a login without its last NUL', Buffer.from('\0\x05login', 'latin1'), ''],
  ]
  for (const [what, bytes, answer] of odd) t.match(call(home, accountUids.front, 'authd.sock', bytes, 1, 12_000), answer, what)
  t.equal((await logins.logIn('kyoma', 'mine')).reply, failed)
  t.equal((await logins.logIn('kyoma', 'geheim')).reply, '+OK \r\n')
  await until('authd holds no more than before', () => descriptors() <= before)
})

t.test('a fallen front reads no passwords and no mailboxes', { skip: needsRoot }, async (t) => {
  const home = await homeWithLogins(t)
  home.userFile('kyoma', 'Maildir/new/1.a', 'Subject: one\n\nfirst\n')
  const logins = await Logins.start(t, home)
  const as = (uid: number, ...command: string[]): number | null => {
    const [file = '', ...args] = command
    return spawnSync(file, args, { uid, gid: uid, cwd: '/', stdio: 'ignore' }).status
  }
  for (const path of ['state/auth/passwords', 'state/auth/clients', 'state/auth', 'users/passwords']) {
    t.not(as(accountUids.front, 'cat', join(home.directory, path)), 0, path)
    t.not(as(accountUids.front, 'ls', join(home.directory, path)), 0, path)
  }
  t.not(as(accountUids.front, 'ls', join(home.userHome('kyoma'), 'Maildir/new')), 0)
  t.equal(as(accountUids.auth, 'cat', join(home.directory, 'state/auth/passwords')), 0, 'whose they are')
  t.not(as(accountUids.auth, 'ls', join(home.userHome('kyoma'), 'Maildir/new')), 0)
  for (const file of ['mem', 'fd/0']) t.not(as(accountUids.front, 'cat', `/proc/${logins.pid('authd')}/${file}`), 0, file)
})

t.test('the front has no right of root’s when the first client is heard', { skip: needsRoot }, async (t) => {
  const logins = await Logins.start(t, await homeWithLogins(t))
  await logins.connect()
  t.match(readFileSync(`/proc/${logins.pid('popup')}/status`, 'latin1'), /^CapEff:\t0+$/m)
  t.match(readFileSync(`/proc/${logins.pid('popup')}/status`, 'latin1'), new RegExp(`^Uid:\t${accountUids.front}\t`, 'm'))
})

t.test('a password that was changed opens nothing any more, however short a time ago it was right', { skip: needsRoot }, async (t) => {
  const home = await homeWithLogins(t)
  const logins = await Logins.start(t, home)
  const { pop } = await logins.logIn('kyoma', 'geheim')
  await logins.logIn('kyoma', 'geheim')
  await home.run('setpassword', ['kyoma'], { input: 'neu\n' })
  t.equal(await pop.hear(() => false), '', 'its session is over')
  t.equal((await logins.logIn('kyoma', 'geheim')).reply, failed)
  t.equal((await logins.logIn('kyoma', 'neu')).reply, '+OK \r\n')
})

t.test('one account asks no more than its limit at once, and others are heard', { skip: needsRoot }, async (t) => {
  const home = await homeWithLogins(t)
  home.control('apop', '1\n')
  const logins = await Logins.start(t, home)
  const challenges = (count: number): number => {
    const heard = call(home, accountUids.front, 'authd.sock', encodeRecord(['challenge', 'host']), count, 3_000)
    return heard.split('challenge\0').length - 1
  }
  t.equal(challenges(authConnectionsPerCaller + 1), authConnectionsPerCaller)
  await logins.logs(/^authd: uid \d+ asks more than 1000 things at once; the rest is not heard$/m)
  await until('there is room again', () => challenges(1) === 1)
})

t.test('a home on a file system that does not answer keeps its own user waiting, and nobody else', { skip: noSilentFs }, async (t) => {
  const home = await ScratchHome.make(t, 'kyoma', 'ann')
  home.control('popextensions', undefined) // as an old home: replies are qmail's
  for (const login of ['kyoma', 'ann']) await home.run('setpassword', [login], { input: `${login}\n` })
  const stuck = join(home.root, 'stuck')
  mkdirSync(stuck)
  const assign = join(home.directory, 'users/assign')
  writeFileSync(assign, readFileSync(assign, 'latin1').replaceAll(home.userHome('kyoma'), `${stuck}/kyoma`))
  await home.run('newu')
  const silent = [process.execPath, '--disable-warning=ExperimentalWarning', join(import.meta.dirname, 'support/silent.ts')]
  const running = await home.supervise({ under: [...inOwnNameSpace, ...silent, stuck, '/etc/passwd'] })
  const logIn = async (login: string): Promise<string> => {
    const pop = await Dialogue.open(running.pop3Port, oneLine)
    t.teardown(() => pop.close())
    await pop.say(`USER ${login}`, oneLine)
    return pop.say(`PASS ${login}`, oneLine)
  }
  const stuckOnes = Array.from({ length: 3 }, () => logIn('kyoma'))
  await running.logs(/home \S+stuck\/kyoma has not answered for/)
  t.equal(await logIn('ann'), '+OK \r\n')
  for (const reply of await Promise.all(stuckOnes)) t.equal(reply, notNow)
  t.equal(await logIn('kyoma'), notNow)
})

t.test('a flood of wrong passwords from one address keeps nobody else waiting behind it', async (t) => {
  const home = await ScratchHome.make(t, 'kyoma', 'ann')
  home.control('popextensions', undefined) // as an old home: replies are qmail's
  for (const login of ['kyoma', 'ann']) await home.run('setpassword', [login], { input: `${login}\n` })
  const logins = await Logins.start(t, home)
  const flood = 60
  let refusals = 0
  const floods = Array.from({ length: flood }, async (_, n) => {
    const socket = connect({ host: '127.0.0.1', port: logins.port, localAddress: '127.0.0.2' })
    socket.on('error', () => undefined).setEncoding('latin1')
    socket.write(`USER nobody${n}\r\nPASS wrong\r\n`)
    let heard = ''
    for await (const text of socket) heard += text
    refusals += 1
    return heard
  })
  await logins.logs(/^popup: 127\.0\.0\.2 \d+: (?:declined|not judged)/m)
  const before = refusals
  const { pop, reply } = await logins.logIn('ann', 'ann')
  t.equal(reply, '+OK \r\n')
  t.ok(refusals - before < flood / 2, `${refusals - before} others were answered first`)
  t.match(await pop.say('STAT', oneLine), /^\+OK /)
  for (const heard of await Promise.all(floods)) t.match(heard, /-ERR authorization failed\r\n$/)
})

t.test('after ten wrong passwords a stranger’s guess is mostly not looked at, not even a right one, and the owner’s is', async (t) => {
  const home = await ScratchHome.make(t, 'kyoma')
  home.control('popextensions', undefined) // as an old home: replies are qmail's
  await home.run('setpassword', ['kyoma'], { input: 'geheim\n' })
  const logins = await Logins.start(t, home)
  t.equal((await logins.logIn('kyoma', 'geheim')).reply, '+OK \r\n')
  const guess = async (password: string): Promise<string> => {
    const socket = connect({ host: '127.0.0.1', port: logins.port, localAddress: '127.0.0.2' })
    socket.write(`USER kyoma\r\nPASS ${password}\r\nQUIT\r\n`)
    return (await text(socket.setEncoding('latin1'))).split('\r\n')[2] ?? ''
  }
  for (let n = 0; n < wrongPasswords; n += 1) t.match(await guess(`wrong ${n}`), /^-ERR authorization failed/)
  await logins.logs(/^authd: kyoma: 10 wrong passwords: strangers are checked now and then only$/m)
  const replies = await Promise.all(Array.from({ length: 8 }, () => guess('geheim')))
  t.ok(replies.filter((reply) => reply.startsWith('-ERR [SYS/TEMP]')).length > 0, replies.join())
  for (let n = 0; n < 3; n += 1) {
    const { pop, reply } = await logins.logIn('kyoma', 'geheim')
    t.equal(reply, '+OK \r\n', 'the owner is never locked out')
    t.match(await pop.say('QUIT', oneLine), /^\+OK/)
  }
})

t.test('a login has so many sessions at once, and one more when one of them is over', async (t) => {
  const home = await homeWithTwo(t)
  const serve = serverIn(home, 'printf "+OK \\r\\n"; exec sleep 1000')
  const logins = await Logins.start(t, home, { serve, wanted: ['login', 'server'] })
  for (let n = 0; n < sessionsPerLogin; n += 1) t.equal((await logins.logIn('kyoma', 'geheim')).reply, '+OK \r\n', `session ${n + 1}`)
  for (const _ of [1, 2]) t.equal((await logins.logIn('kyoma', 'geheim')).reply, notNow, 'one more')
  t.equal((await logins.logIn('ann', 'tanstaaf')).reply, '+OK \r\n', 'others have theirs')
  const said = logins.log.match(/^sessiond: kyoma: has 20 sessions, and no more at once$/gm)
  t.equal(said?.length, 1, 'said once a minute')
  const [, first] = (await logins.logs(/: pid (\d+): kyoma/))[0] ?? []
  process.kill(Number(first), 'SIGKILL')
  await until('there is room again', async () => (await logins.logIn('kyoma', 'geheim')).reply === '+OK \r\n')
})

/** The sockets of this process, each with its descriptor. */
function socketsHere(): Map<string, number> {
  const links = readdirSync('/proc/self/fd').filter((fd) => lstatSync(`/proc/self/fd/${fd}`, { throwIfNoEntry: false }) !== undefined)
  return new Map(
    links.map((fd) => [readlinkSync(`/proc/self/fd/${fd}`), Number(fd)] as const).filter(([link]) => link.startsWith('socket:')),
  )
}

t.test('a session that its front could not end is not started', async (t) => {
  const home = await homeWithTwo(t)
  const logins = await Logins.start(t, home, { serve: serverIn(home, 'echo started >&2'), wanted: ['login', 'server'], without: ['popup'] })
  const open = (): number => readdirSync(`/proc/${logins.pid('sessiond')}/fd`).length
  const datagrams = createSocket('udp4')
  t.teardown(() => datagrams.close())
  const before = socketsHere()
  await new Promise<void>((resolve) => datagrams.bind(0, '127.0.0.1', resolve))
  const socket = [...socketsHere()].find(([link]) => !before.has(link))?.[1] ?? -1
  let atFirst = 0
  for (let n = 0; n < 4; n += 1) {
    const front = await Conversation.connect(join(home.directory, 'authd.sock'))
    await front.say(['login', 'pass', 'kyoma', 'geheim', '192.0.2.1', 'server'], socket, socket)
    t.equal((await front.record(60))?.[0], 'trouble')
    front.close()
    if (n === 0) atFirst = open() // sessionlog runs from the first session on
  }
  await logins.logs(/^sessiond: kyoma: what the front would keep of the session is no socket/m)
  await until('sessiond holds no more than before', () => open() <= atFirst)
  t.notMatch(logins.log, /started/)
})

t.test('a front that sends files for sockets is named, and has fewer calls for each', async (t) => {
  const home = await homeWithTwo(t)
  const logins = await Logins.start(t, home, { serve: serverIn(home, 'echo started >&2'), wanted: ['login', 'server'], without: ['popup'] })
  const file = openSync('/dev/null', 'r+')
  t.teardown(() => closeSync(file))
  const front = await Conversation.connect(join(home.directory, 'authd.sock'))
  await front.say(['login', 'pass', 'kyoma', 'geheim', '192.0.2.1', 'server'], file, file)
  t.equal(await front.record(60), undefined)
  await logins.logs(/^authd: a call of uid \d+ failed: the other side sent no socket, which stays open: \/dev\/null$/m)
  const calls = await Promise.all(
    Array.from({ length: authConnectionsPerCaller - 1 }, () => Conversation.connect(join(home.directory, 'authd.sock'))),
  )
  const challenges = calls.map(async (call) => {
    await call.say(['challenge', 'here']).catch(() => undefined)
    return (await call.record(60))?.[0]
  })
  t.same(new Set(await Promise.all(challenges)), new Set(['challenge']))
  const more = await Conversation.connect(join(home.directory, 'authd.sock'))
  t.equal(await more.record(60), undefined, 'one more')
  for (const call of calls) call.close()
  t.notMatch(logins.log, /started/)
})

t.test('a user who keeps the pipes of sessions has the log read no more of them, and the next one all the same', async (t) => {
  const home = await homeWithTwo(t)
  const serve = serverIn(home, 'sleep 1000 </dev/null >/dev/null & echo $! >>pids; echo heard >&2; printf "+OK \\r\\n"')
  t.teardown(() => {
    for (const pid of readFileSync(join(home.userHome('kyoma'), 'pids'), 'latin1').split('\n'))
      if (pid !== '') process.kill(Number(pid), 'SIGKILL')
  })
  const logins = await Logins.start(t, home, { serve, wanted: ['login', 'server'] })
  const children = `/proc/${logins.pid('sessiond')}/task/${logins.pid('sessiond')}/children`
  const open: number[] = []
  for (let n = 1; n <= sessionsPerLogin + 5; n += 1) {
    t.equal((await logins.logIn('kyoma', 'geheim')).reply, '+OK \r\n')
    await logins.logs(/^session of kyoma: heard$/m, n)
    await logins.logs(/: end: pid /, n)
    open.push(readdirSync(`/proc/${readFileSync(children, 'latin1').trim()}/fd`).length)
  }
  t.equal(open.at(-1), (open[0] ?? 0) - 1 + sessionsPerLogin)
})
