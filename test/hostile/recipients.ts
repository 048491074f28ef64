/** recipientd is root and looks into homes: what a fallen smtpd, another account and a user of the host can do with that. As root. */
import { spawn } from 'node:child_process'
import { chownSync, lchownSync, linkSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { makeFifo } from '@yabumi/posix'
import t from 'tap'
import { recipientCallsPerCaller } from '../../packages/formats/limits/src/index.ts'
import { encodeRecord } from '../../packages/system/loginprotocol/src/record.ts'
import { amRoot, type Cleaner, hostName, ScratchHome, userAccount } from '../support/home.ts'
import { accountUids, giveAccounts, Logins } from '../support/logins.ts'
import { below } from '../support/processes.ts'
import { until } from '../support/wait.ts'
import { call } from './support/call.ts'

const needsRoot = !amRoot && 'only root has other accounts'
const stranger = 61_200
const socket = 'recipientd.sock'

const question = (local: string, client = '192.0.2.1'): Buffer => encodeRecord(['recipient', `${local}@${hostName}`, client])
const known = /^..known\0at once\0\d+\0$/

/** With accounts, joe, ann, and recipientd alone. */
async function homeWithRecipientd(t: Cleaner): Promise<{ home: ScratchHome; logins: Logins }> {
  const home = await ScratchHome.make(t, 'joe', 'ann')
  giveAccounts(home)
  const logins = await Logins.start(t, home, { without: ['popup', 'authd', 'sessiond'] })
  await logins.start('recipientd', ['--ready-fd', '3'])
  return { home, logins }
}

/** What smtpd hears; each network is asked from once, so that nothing is counted. */
let networks = 0
function ask(home: ScratchHome, local: string): string {
  networks += 1
  const heard = call(home, accountUids.smtp, socket, question(local, `192.0.2.${networks % 250}`))
  return heard.slice(2).split('\0')[0] ?? ''
}

/** A busy machine may not have looked in time; the next question hears what was found. */
async function becomes(home: ScratchHome, local: string, verdict: string): Promise<boolean> {
  return until(`${local} is ${verdict}`, () => ask(home, local) === verdict)
}

t.test('only the accounts of those who hear mail are answered, by the kernel’s word', { skip: needsRoot }, async (t) => {
  const { home } = await homeWithRecipientd(t)
  for (const uid of [stranger, accountUids.queue, accountUids.send, accountUids.auth, accountUids.log, accountUids.alias, 65_534, 0])
    t.equal(call(home, uid, socket, question('joe')), '', `uid ${uid}`)
  for (const uid of [accountUids.smtp, accountUids.front]) t.match(call(home, uid, socket, question('joe')), known, `uid ${uid}`)
})

t.test('a fallen smtpd learns nothing but verdicts, whatever it says', { skip: needsRoot }, async (t) => {
  const { home, logins } = await homeWithRecipientd(t)
  const odd: [what: string, bytes: Buffer, answer: string | RegExp][] = [
    ['an unknown word', encodeRecord(['surprise', 'joe']), ''],
    ['nothing', Buffer.from([0, 0]), ''],
    ['half a record', question('joe').subarray(0, 7), ''],
    ['too long a record', Buffer.alloc(20_000, 0xff), ''],
    ['no recipient', encodeRecord(['recipient']), /known|uncertain/],
    ['a path', encodeRecord(['recipient', `joe-/../../../etc/passwd@${hostName}`, '']), /unknown|uncertain/],
    ['a long one', encodeRecord(['recipient', `joe-${'a-'.repeat(1_900)}@${hostName}`, '']), /unknown|uncertain/],
    ['blanks and line ends', encodeRecord(['recipient', `joe-\n x\r@${hostName}`, 'no address']), /unknown|uncertain/],
    ['an option', encodeRecord(['recipient', `--look@${hostName}`, '-']), /unknown|uncertain/],
  ]
  for (const [what, bytes, answer] of odd) t.match(call(home, accountUids.smtp, socket, bytes, 1, 12_000), answer, what)
  t.match(call(home, accountUids.smtp, socket, question('joe')), known)
  t.notMatch(logins.log, /^(?!recipientd: )./m, 'no line of its own in the log')
})

t.test('a look is made by the home’s user: what root alone can see decides nothing', { skip: needsRoot }, async (t) => {
  const { home } = await homeWithRecipientd(t)
  const secret = join(home.root, 'secret')
  mkdirSync(secret, { mode: 0o700 })
  writeFileSync(join(secret, 'there'), '')
  for (const [name, target] of [
    ['there', 'there'],
    ['gone', 'gone'],
  ] as const) {
    const link = join(home.userHome('joe'), `.qmail-${name}`)
    symlinkSync(join(secret, target), link)
    lchownSync(link, userAccount.uid, userAccount.gid)
  }
  await becomes(home, 'joe-none', 'unknown')
  await becomes(home, 'joe-there', 'uncertain')
  for (const name of ['there', 'gone']) t.equal(ask(home, `joe-${name}`), 'uncertain', `a link to what is ${name}`)
  const assign = join(home.directory, 'users/assign')
  writeFileSync(assign, readFileSync(assign, 'latin1').replaceAll(home.userHome('ann'), join(secret, 'ann')))
  mkdirSync(join(secret, 'ann'), { mode: 0o700 })
  chownSync(join(secret, 'ann'), userAccount.uid, userAccount.gid)
  await home.run('newu')
  t.ok(await becomes(home, 'ann-x', 'uncertain'), 'a home where its user cannot go')
})

t.test(
  'links, FIFOs, full directories and odd names in a home stop nobody, and are no certain no where they are none',
  { skip: needsRoot },
  async (t) => {
    const { home, logins } = await homeWithRecipientd(t)
    const at = (name: string): string => join(home.userHome('joe'), name)
    const own = (name: string): void => lchownSync(at(name), userAccount.uid, userAccount.gid)
    const foreign = join(home.root, 'foreign')
    writeFileSync(foreign, '')
    chownSync(foreign, stranger, stranger)
    const planted: Record<string, [verdict: string, plant: (name: string) => void]> = {
      fifo: ['unknown', (name) => makeFifo(name, 0o600)],
      device: ['unknown', (name) => symlinkSync('/dev/zero', name)],
      terminal: ['unknown', (name) => symlinkSync('/dev/tty', name)],
      directory: ['unknown', (name) => mkdirSync(name)],
      circle: ['unknown', (name) => symlinkSync(name, name)],
      endless: ['unknown', (name) => symlinkSync('x/'.repeat(1_000), name)],
      second: ['uncertain', (name) => linkSync(foreign, name)],
      large: ['uncertain', (name) => writeFileSync(name, Buffer.alloc(1_048_577))],
      process: ['uncertain', (name) => symlinkSync(`/proc/${logins.pid('recipientd')}/environ`, name)],
    }
    for (const [name, [, plant]] of Object.entries(planted)) {
      plant(at(`.qmail-${name}`))
      if (name !== 'second') own(`.qmail-${name}`)
    }
    symlinkSync(foreign, at('.qmail-planted'))
    lchownSync(at('.qmail-planted'), stranger, stranger)
    const files = 20_000
    for (let n = 0; n < files; n += 1) writeFileSync(at(`.qmail-many-${n}`), '')
    writeFileSync(Buffer.from(at('.qmail-\xff\x01\x7f'), 'latin1'), '')
    for (const [name, [verdict]] of Object.entries(planted)) t.ok(await becomes(home, `joe-${name}`, verdict), name)
    for (const [local, verdict] of Object.entries({
      planted: 'uncertain',
      'many-7': 'known',
      [`many-${files}`]: 'unknown',
      '\xff\x01\x7f': 'known',
    }))
      t.ok(await becomes(home, `joe-${local}`, verdict), local)
  },
)

t.test(
  'a user who stops what looks into the own home is taken without a look, and others are refused as ever',
  { skip: needsRoot },
  async (t) => {
    const { home, logins } = await homeWithRecipientd(t)
    const assign = join(home.directory, 'users/assign')
    const hostile = 61_201
    writeFileSync(
      assign,
      readFileSync(assign, 'latin1').replaceAll(`:ann:${userAccount.uid}:${userAccount.gid}:`, `:ann:${hostile}:${hostile}:`),
    )
    chownSync(home.userHome('ann'), hostile, hostile)
    await home.run('newu')
    // the user's own program stops every process of the user's that looks, and tries to list its descriptors
    const stopper = `const { readdirSync, readFileSync } = require('node:fs')
    const attempt = (act) => { try { return act() } catch { return undefined } }
    const [, parent] = process.argv
    const look = () => {
      for (const pid of (attempt(() => readFileSync('/proc/' + parent + '/task/' + parent + '/children', 'latin1')) ?? '').split(' ')) {
        const status = attempt(() => readFileSync('/proc/' + pid + '/status', 'latin1')) ?? ''
        if (!status.includes('\\nUid:\\t' + process.getuid() + '\\t')) continue
        attempt(() => process.kill(Number(pid), 'SIGSTOP'))
        const listed = attempt(() => readdirSync('/proc/' + pid + '/fd')) !== undefined
        process.stdout.write(listed ? 'listed\\n' : 'not listed\\n')
      }
      setImmediate(look)
    }
    look()`
    const enemy = spawn(process.execPath, ['-e', stopper, String(logins.pid('recipientd'))], {
      uid: hostile,
      gid: hostile,
      cwd: '/',
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    let heard = ''
    enemy.stdout?.on('data', (bytes: Buffer) => {
      heard += bytes.toString()
    })
    t.teardown(() => enemy.kill('SIGKILL'))
    await until('a look was stopped', () => {
      call(home, accountUids.smtp, socket, question(`ann-${networks}`, `198.51.100.${networks % 250}`))
      networks += 1
      return /home \S+ann has not answered for 2 s: /.test(logins.log)
    })
    for (let n = 0; n < 3; n += 1) t.ok(await becomes(home, `joe-y${n}`, 'unknown'))
    t.equal(ask(home, 'ann-x'), 'uncertain')
    t.match(heard, 'not listed')
    t.notMatch(heard, /^listed/m, 'nor are its descriptors the user’s to take')
    await until('none of them is left', () => below(logins.pid('recipientd')).length === 0)
  },
)

t.test('trouble is never a no: without recipientd, and with one that cannot read a table', async (t) => {
  const home = await ScratchHome.make(t, 'joe')
  const rcpt = async (local: string): Promise<string> => {
    const { stdout } = await home.run('smtpd', [], { input: `MAIL FROM:<>\r\nRCPT TO:<${local}@${hostName}>\r\nQUIT\r\n` })
    return stdout.split('\r\n')[2] ?? ''
  }
  t.equal(await rcpt('nobody'), '250 ok')
  const logins = await Logins.start(t, home, { without: ['popup', 'authd', 'sessiond'] })
  await logins.start('recipientd', ['--ready-fd', '3'])
  await until('nobody is refused', async () => (await rcpt('nobody')).startsWith('553 '))
  writeFileSync(join(home.directory, 'users/cdb'), 'no cdb')
  t.equal(await rcpt('none'), '250 ok')
  await logins.logs(/^recipientd: none@mail\.test\.example: unable to read users\/cdb; /m)
})

t.test('one account asks no more than its limit at once, and others are heard', { skip: needsRoot }, async (t) => {
  const { home, logins } = await homeWithRecipientd(t)
  // calls that say nothing, and come back when they are closed
  const flood = `const { connect } = require('node:net')
  const call = () => connect(process.argv[1]).on('error', () => {}).on('close', () => setTimeout(call, 100))
  for (let n = 0; n < process.argv[2]; n += 1) call()`
  const words = ['-e', flood, join(home.directory, socket), String(recipientCallsPerCaller + 100)]
  const fallen = spawn(process.execPath, words, { uid: accountUids.smtp, gid: accountUids.smtp, cwd: '/', stdio: 'ignore' })
  t.teardown(() => fallen.kill('SIGKILL'))
  await logins.logs(/^recipientd: uid \d+ asks more than 2000 things at once; the rest is not heard$/m)
  t.match(call(home, accountUids.front, socket, question('joe')), known)
  fallen.kill('SIGKILL')
  t.ok(await becomes(home, 'joe', 'known'), 'there is room again')
})
