/**
 * No user and no destination keeps the others waiting: deliveries that end only when the test says so hold their share of the
 * slots, and not one more, while mail of everybody else goes out.
 */
import { chmodSync, chownSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { amRoot, ScratchHome, userAccount } from '../support/home.ts'
import { startSink } from '../support/sink.ts'
import { until } from '../support/wait.ts'

const sender = '-fjoe@mail.test.example'
const letter = 'Subject: one\n\nhello\n'
/** Of the accounts of other users: no other account has it. */
const otherUid = 65_432

/** A host in 127.0.1.0/24 that greets nobody before it is told to. */
async function startSlowHost(t: Test) {
  const sessions = new Set<Socket>()
  let isOpen = false
  let seen = 0
  const server = createServer((socket) => {
    sessions.add(socket)
    seen += 1
    let data = false
    socket.setEncoding('latin1')
    socket.on('close', () => sessions.delete(socket)).on('error', () => undefined)
    socket.on('data', (text: string) => {
      if (text.startsWith('QUIT')) socket.end('221 bye\r\n')
      else if (data ? text.endsWith('\r\n.\r\n') : !text.startsWith('DATA')) {
        data = false
        socket.write('250 ok\r\n')
      } else if (!data) {
        data = true
        socket.write('354 go on\r\n')
      }
    })
    if (isOpen) socket.write('220 here\r\n')
  })
  await new Promise<void>((resolve) => server.listen(0, '0.0.0.0', resolve))
  t.teardown(() => {
    for (const socket of sessions) socket.destroy()
    server.close()
  })
  return {
    port: (server.address() as { port: number }).port,
    sessions: () => sessions.size,
    seen: () => seen,
    greet: () => {
      isOpen = true
      for (const socket of sessions) socket.write('220 here\r\n')
    },
  }
}

/** A home whose mail goes to the slow host, but that for quick.example. */
async function startRemote(t: Test, domains: readonly string[] = ['slow.example']) {
  const slow = await startSlowHost(t)
  const quick = await startSink()
  t.teardown(() => quick.close())
  const home = await ScratchHome.make(t, 'joe')
  const routes = domains.map((domain, n) => `${domain}:127.0.1.${1 + n}:${slow.port}\n`)
  home.control('smtproutes', `${routes.join('')}quick.example:127.0.0.1:${quick.port}\n`)
  home.control('slowremote', '0\n') // however long a machine takes for all this
  const running = await home.supervise()
  return { slow, quick, home, running }
}

/** Wait for the line about what is held back, then see other mail go out, and at last all of it. */
async function seeOthersGo(
  { slow, quick, home, running }: Awaited<ReturnType<typeof startRemote>>,
  most: number,
  wait: number,
  t: Test,
): Promise<void> {
  await until('its share is connected', () => slow.sessions() === most)
  await running.logs(/share: remote [0-9]+\/20, [0-9]+ wait/) // one that is about to be given back may count
  for (let n = 0; n < 3; n += 1) await home.inject([sender, `u${n}@quick.example`], letter)
  await until('the quick host has them', () => quick.messages.length === 3)
  t.equal(slow.sessions(), most, 'not one more')
  t.equal(slow.seen(), most)
  slow.greet()
  await running.emptied()
  t.equal((await running.logs(/delivery \d+: success/, most + wait + 3)).length, most + wait + 3, 'each is delivered, once')
}

t.test(
  'programs of one user that do not end hold all local slots but two, and mail of another user is delivered',
  {
    skip: !amRoot && 'needs root: two users are two accounts',
  },
  async (t) => {
    const home = await ScratchHome.make(t, 'joe', 'ann')
    const { uid, gid } = userAccount
    const lines = ['joe', 'jim'].map((name) => `=${name}:joe:${uid}:${gid}:${home.userHome('joe')}:::`)
    const others = `=ann:ann:${otherUid}:${otherUid}:${home.userHome('ann')}:::`
    writeFileSync(join(home.directory, 'users/assign'), [...lines, others, '.', ''].join('\n'))
    for (const part of ['', 'Maildir', 'Maildir/tmp', 'Maildir/new', 'Maildir/cur'])
      chownSync(join(home.userHome('ann'), part), otherUid, otherUid)
    await home.run('newu')
    const [begun, go] = [join(home.userHome('joe'), 'begun'), join(home.userHome('joe'), 'go')]
    const loop = home.userFile('joe', 'wait', `#!/bin/sh\necho >>${begun}\nwhile [ ! -e ${go} ]; do sleep 0.1; done\n`, 0o755)
    home.userFile('joe', '.qmail', `|${loop}\n`)
    home.control('slowlocal', '0\n')
    const running = await home.supervise()
    for (let n = 0; n < 12; n += 1) await home.inject([sender, `${n % 2 === 0 ? 'joe' : 'jim'}@mail.test.example`], letter)
    await until('eight have begun', () => existsSync(begun) && readFileSync(begun).length === 8)
    await running.logs(new RegExp(`share: local 8/10, [0-9]+ wait, [0-9]+ of them for uid_${uid}, which holds 8`))
    await running.logs(/info msg/, 12)
    for (let n = 0; n < 3; n += 1) await home.inject([sender, 'ann@mail.test.example'], letter)
    await until('another user has hers', () => home.maildir('ann').length === 3)
    t.equal(readFileSync(begun).length, 8, 'not one more')
    writeFileSync(go, '')
    chmodSync(go, 0o644)
    await running.emptied()
    t.equal(readFileSync(begun).length, 12, 'each ran, once')
    rmSync(begun)
  },
)

t.test('one domain holds all remote slots but a fifth', async (t) => {
  const parts = await startRemote(t)
  for (let n = 0; n < 20; n += 1) await parts.home.inject([sender, `u${n}@slow.example`], letter)
  await seeOthersGo(parts, 16, 4, t)
  t.notMatch(parts.running.log, /Waits_for_its_share/, 'none of them was tried beyond it')
})

t.test('one message to many at one domain holds no more', async (t) => {
  const parts = await startRemote(t)
  await parts.home.inject([sender, '--', ...Array.from({ length: 30 }, (_, n) => `u${n}@slow.example`)], letter)
  const { slow, quick, home, running } = parts
  await running.logs(/share: remote 16\/20, 1 wait/)
  await home.inject([sender, 'u@quick.example'], letter)
  await until('the quick host has it', () => quick.messages.length === 1)
  slow.greet()
  await running.emptied()
  t.equal((await running.logs(/delivery \d+: success/, 31)).length, 31)
  t.notMatch(running.log, /Waits_for_its_share/, 'none of them was tried beyond it')
})

t.test('twenty domains of one network hold all remote slots but a fifth', async (t) => {
  const domains = Array.from({ length: 24 }, (_, n) => `d${n}.example`)
  const parts = await startRemote(t, domains)
  for (const domain of domains) await parts.home.inject([sender, `u@${domain}`], letter)
  await seeOthersGo(parts, 16, 8, t)
  t.match(parts.running.log, /deferral: Waits_for_its_share:_127\.0\.1\.0\/24_has_deliveries_under_way\./)
})

t.test('bounces hold half of the remote slots, whomever they are for', async (t) => {
  const domains = Array.from({ length: 14 }, (_, n) => `d${n}.example`)
  const parts = await startRemote(t, domains)
  for (const domain of domains) await parts.home.run('inject', ['-f', '', `u@${domain}`], { input: letter })
  await seeOthersGo(parts, 10, 4, t)
})

t.test('what strangers send through a .qmail holds half of the remote slots', async (t) => {
  const parts = await startRemote(t)
  parts.home.userFile('joe', '.qmail-out', '&u@slow.example\n')
  for (let n = 0; n < 14; n += 1) await parts.home.inject(['-fstranger@elsewhere.example', 'joe-out@mail.test.example'], letter)
  await seeOthersGo(parts, 10, 4 + 14, t)
})

t.test('with control/shares at 0 one domain may have all slots', async (t) => {
  const slow = await startSlowHost(t)
  const home = await ScratchHome.make(t, 'joe')
  home.control('shares', '0\n')
  home.control('smtproutes', `:127.0.1.1:${slow.port}\n`)
  const running = await home.supervise()
  for (let n = 0; n < 21; n += 1) await home.inject([sender, `u${n}@slow.example`], letter)
  await until('all slots are in use', () => slow.sessions() === 20)
  await running.logs(/info msg/, 21)
  slow.greet()
  await running.emptied()
  t.notMatch(running.log, /share:/)
})
