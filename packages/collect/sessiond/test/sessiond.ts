/** sessiond: as whom a session runs, what it has, and who has none. */
import { chmodSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { oneLine } from '../../../../test/support/dialogue.ts'
import { amRoot, ScratchHome, userAccount } from '../../../../test/support/home.ts'
import { accountUids, giveAccounts, Logins } from '../../../../test/support/logins.ts'
import { until } from '../../../../test/support/wait.ts'

const failed = '-ERR authorization failed\r\n'
const notNow = '-ERR [SYS/TEMP] unable to check the login now, try again later\r\n'
const wanted = ['login', 'server']

/** A home in which sessions run this shell script. */
async function homeServing(t: { teardown(work: () => unknown): unknown }, script: string): Promise<{ home: ScratchHome; serve: string[] }> {
  const home = await ScratchHome.make(t, 'kyoma')
  home.control('popextensions', undefined) // as an old home: replies are qmail's
  if (amRoot) giveAccounts(home)
  await home.run('setpassword', ['kyoma'], { input: 'geheim\n' })
  const server = join(home.root, 'server')
  writeFileSync(server, `#!/bin/sh\n${script}\n`)
  chmodSync(server, 0o755)
  return { home, serve: [server] }
}

t.test('a session is the user’s: ids, home, environment, and nothing open but the connection and its log', async (t) => {
  const show =
    'id -u; id -g; id -G; pwd; echo "$USER $HOME $SHELL"; cd /proc/$$/fd && for fd in *; do echo "$fd $(readlink $fd | sed "s/:.*//")"; done'
  const { home, serve } = await homeServing(t, `(${show}) | sed 's/$/\\r/'`)
  const logins = await Logins.start(t, home, { serve, wanted })
  const { pop } = await logins.connect()
  const said = (await pop.say('USER kyoma\r\nPASS geheim', () => false)).split('\r\n').slice(1)
  const user = home.userHome('kyoma')
  const groups = amRoot ? String(userAccount.gid) : said[2]
  const open = said.slice(5, -1).filter((line) => !/ $|server$/.test(line)) // what the shell reads, and has closed meanwhile
  t.same(said.slice(0, 5), [String(userAccount.uid), String(userAccount.gid), groups, user, `kyoma ${user} /bin/sh`])
  t.same(open, ['0 socket', '1 socket', '2 pipe'])
})

t.test('what a session says on descriptor 2 is marked, cut and cleaned, by account log', async (t) => {
  const { home, serve } = await homeServing(t, 'printf "delivery 1: success: \\033[2J\\n" >&2; printf "+OK \\r\\n"; exec sleep 1000')
  const logins = await Logins.start(t, home, { serve, wanted })
  const { pop } = await logins.logIn('kyoma', 'geheim')
  await logins.logs(/^session of kyoma: delivery_1:_success:__\[2J$/m)
  t.notMatch(logins.log, /^delivery/m)
  const children = (pid: number): number[] => readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1').trim().split(' ').map(Number)
  const uids = children(logins.pid('sessiond')).map((pid) =>
    Number(/^Uid:\t(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1]),
  )
  if (amRoot) t.same(uids.sort(), [accountUids.log, userAccount.uid].sort(), 'no child of sessiond is root')
  pop.close()
})

t.test('the session that a front lets go of is ended', async (t) => {
  const { home, serve } = await homeServing(t, 'printf "+OK \\r\\n"; exec sleep 1000')
  const logins = await Logins.start(t, home, { serve, wanted })
  const { pop } = await logins.logIn('kyoma', 'geheim')
  await logins.logs(/: pid \d+: /)
  await logins.stop('popup', 'SIGKILL')
  t.equal(await pop.hear(() => false), '', 'its connection is closed')
})

t.test('TERM ends sessions and then sessiond; the front hears of each', async (t) => {
  const { home, serve } = await homeServing(t, 'printf "+OK \\r\\n"; exec sleep 1000')
  const logins = await Logins.start(t, home, { serve, wanted })
  await logins.logIn('kyoma', 'geheim')
  await logins.logs(/: pid \d+: /)
  t.equal(await logins.stop('sessiond'), 0)
  await logins.logs(/: end: pid \d+ status SIGTERM, /)
})

t.test('the command that cannot be run is trouble, and named in the log', async (t) => {
  const { home, serve } = await homeServing(t, 'exit 0')
  chmodSync(serve[0] ?? '', 0o644)
  const logins = await Logins.start(t, home, { serve, wanted })
  t.equal((await logins.logIn('kyoma', 'geheim')).reply, notNow)
  await logins.logs(/^sessiond: kyoma: .*access denied$/m)
})

t.test(
  'root, an account of the home, and a login without a mailbox have no sessions',
  { skip: !amRoot && 'only root starts others' },
  async (t) => {
    const { home } = await homeServing(t, 'exit 0')
    const assign = (uid: number) =>
      writeFileSync(
        join(home.directory, 'users/assign'),
        `=boss:boss:${uid}:0:${home.userHome('kyoma')}:::\n+boss-:boss:65534:65534:/:-::\n.\n`,
      )
    for (const login of ['boss', 'boss-ext', 'nobody-at-all']) await home.run('setpassword', [login], { input: 'x\n' })
    const logins = await Logins.start(t, home)
    for (const uid of [0, accountUids.queue, accountUids.auth, accountUids.alias]) {
      assign(uid)
      await home.run('newu')
      t.equal((await logins.logIn('boss', 'x')).reply, failed, String(uid))
    }
    t.match(logins.log, /^sessiond: boss: is root, who has no mailbox$/m)
    t.match(logins.log, /^sessiond: boss: is an account of this system, who has no mailbox$/m)
    assign(userAccount.uid)
    await home.run('newu')
    t.equal((await logins.logIn('boss', 'x')).reply, '+OK \r\n')
    t.equal((await logins.logIn('boss-ext', 'x')).reply, notNow, 'an extension is no mailbox')
    t.equal((await logins.logIn('nobody-at-all', 'x')).reply, notNow)
  },
)

t.test('sessionlog runs from the first session on, and one that has died is started again by the next', async (t) => {
  const { home, serve } = await homeServing(t, 'echo said >&2; printf "+OK \\r\\n"')
  const logins = await Logins.start(t, home, { serve, wanted })
  const pid = logins.pid('sessiond')
  const children = (): string => readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1').trim()
  t.equal(children(), '')
  const session = async (times: number): Promise<void> => {
    t.equal((await logins.logIn('kyoma', 'geheim')).reply, '+OK \r\n')
    await logins.logs(/^session of kyoma: said$/m, times)
  }
  await session(1)
  const first = await until('it alone is left', () => /^\d+$/.test(children()) && children())
  process.kill(Number(first), 'SIGKILL')
  await until('it is gone', () => children() === '')
  await session(2)
})

t.test('a session says its end by the connection alone', async (t) => {
  const { home, serve } = await homeServing(t, 'printf "+OK bye\\r\\n"; exit 3')
  const logins = await Logins.start(t, home, { serve, wanted })
  const { pop } = await logins.connect()
  await pop.say('USER kyoma', oneLine)
  t.equal(await pop.say('PASS geheim', () => false), '+OK bye\r\n')
  await logins.logs(/: end: pid \d+ status 3, /)
})
