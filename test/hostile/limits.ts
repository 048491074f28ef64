/** Limits that only show from outside: what is taken at the limit, and what one more is told. The rest is tested where it is kept. */
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import {
  addressBytes,
  credentialsBytes,
  loginBytes,
  loopbackShare,
  passwordBytes,
  popConnections,
  popConnectionsPerClient,
  popLoginBytes,
  queueConnectionsPerAccount,
  residentMegabytes,
  smtpConnectionsPerClient,
} from '@yabumi/limits'
import t, { type Test } from 'tap'
import { Dialogue, oneLine, smtpReply } from '../support/dialogue.ts'
import { hostName, ScratchHome } from '../support/home.ts'
import { peakMegabytes } from '../support/processes.ts'
import { until } from '../support/wait.ts'
import { otherAddress } from './support/address.ts'

const home = await ScratchHome.make(t, 'joe')
home.control('popextensions', undefined) // as an old home: replies are qmail's
const outer = otherAddress()
const running = await home.supervise()

/** Connections that stay open until the test ends. */
async function crowd(t: Test, port: number, count: number, host?: string): Promise<string[]> {
  const greetings: string[] = []
  for (let n = 0; n < count; n += 1) {
    const one = await Dialogue.open(port, oneLine, host)
    t.teardown(() => one.close())
    greetings.push(one.transcript)
  }
  return greetings
}

t.test('popup serves as many connections of loopback as its limit allows, and tells the next one so until others give way', async (t) => {
  await t.test('crowd', async (t) => {
    const greetings = await crowd(t, running.pop3Port, popConnections * loopbackShare)
    t.ok(greetings.every((greeting) => greeting.startsWith('+OK ')))
    const [next] = await crowd(t, running.pop3Port, 1)
    t.equal(next, '-ERR too many connections, try again later\n')
    await until('one that does not log in gives way', async () => (await crowd(t, running.pop3Port, 1))[0]?.startsWith('+OK'))
  })
  await until('there is room again', async () => (await crowd(t, running.pop3Port, 1))[0]?.startsWith('+OK'))
})

t.test('one client address has no more than its share', { skip: outer === undefined && 'this host has loopback only' }, async (t) => {
  const crowded = await ScratchHome.make(t, 'joe')
  crowded.control('popextensions', undefined) // as an old home: replies are qmail's
  crowded.control('connectrateperip', '0\n') // a new home would have them come more slowly
  const both = await crowded.supervise({ smtp: ['0.0.0.0:0'], pop3: ['0.0.0.0:0'] })
  const port = (program: string): number => Number(new RegExp(`${program}: listening on 0\\.0\\.0\\.0:(\\d+)`).exec(both.log)?.[1])
  const smtp = await crowd(t, port('smtpd'), smtpConnectionsPerClient, outer)
  t.ok(smtp.every((greeting) => greeting.startsWith('220 ')))
  t.same(await crowd(t, port('smtpd'), 1, outer), ['421 too many connections from your network, try again later (#4.7.0)\n'])
  const pop = await crowd(t, port('popup'), popConnectionsPerClient, outer)
  t.ok(pop.every((greeting) => greeting.startsWith('+OK ')))
  t.same(await crowd(t, port('popup'), 1, outer), ['-ERR too many connections from your address\n'])
  t.match((await crowd(t, port('smtpd'), 1))[0], /^220 /, 'others are served')
  await both.logs(/smtpd: \S+ \d+: refused, 100 connections from its network are the limit/)
  await both.logs(/popup: \S+ \d+: refused, 50 connections from its network are the limit/)
})

t.test('before login a client may send so many bytes and not one more', async (t) => {
  const line = (bytes: number): string => `NOOP ${'x'.repeat(bytes - 7)}`
  const within = await Dialogue.open(running.pop3Port, oneLine)
  t.equal(await within.say(line(popLoginBytes), oneLine), '+OK \r\n')
  within.close()
  const beyond = await Dialogue.open(running.pop3Port, oneLine)
  t.equal(await beyond.say(line(popLoginBytes + 1), oneLine), '-ERR too much talk before login\r\n')
  beyond.close()
})

t.test('login and password have room in what popup hands on, and what has none is refused, not cut', async (t) => {
  const name = 'x'.repeat(loginBytes)
  t.match(await home.run('setpassword', [name], { input: `${'p'.repeat(passwordBytes)}\n`, reject: false }), { exitCode: 0 })
  t.match(await home.run('setpassword', [`${name}x`], { input: 'p\n', reject: false }), { exitCode: 100 })
  t.match(await home.run('setpassword', [name], { input: `${'p'.repeat(passwordBytes + 1)}\n`, reject: false }), { exitCode: 100 })
  t.ok(loginBytes + passwordBytes + 100 < credentialsBytes, 'and a challenge with the name of a host')
  const pop = await Dialogue.open(running.pop3Port, oneLine)
  await pop.say('USER joe', oneLine)
  t.equal(await pop.say(`PASS ${'p'.repeat(credentialsBytes)}`, oneLine), '-ERR authorization failed\r\n')
  pop.close()
})

t.test('an account has so many connections to the queue socket; the next is closed and mail still goes', async (t) => {
  const sockets: Socket[] = []
  const open = async (): Promise<void> => {
    const socket = connect(join(home.directory, 'queue.sock')).on('error', () => undefined)
    const connected = await new Promise<boolean>((resolve) =>
      socket.once('connect', () => resolve(true)).once('close', () => resolve(false)),
    )
    if (connected)
      sockets.push(socket) // the system closes those that queue has not come to take
    else await new Promise((resolve) => setImmediate(resolve))
  }
  while (sockets.length <= queueConnectionsPerAccount) await open() // smtpd may have some of its own, and close them meanwhile
  await until('one is closed', () => sockets.some((socket) => socket.resume().destroyed))
  const kept = sockets.filter((socket) => !socket.destroyed).length
  t.ok(kept <= queueConnectionsPerAccount, `${kept} are served`)
  for (const socket of sockets) socket.destroy()
  const mailGoes = await until(
    'mail goes again',
    async () => (await home.run('inject', [`joe@${hostName}`], { input: 'Subject: x\n\n', reject: false })).exitCode === 0,
  )
  t.ok(mailGoes)
})

t.test('an address in the envelope may be so long and not a byte longer, whichever way it comes', async (t) => {
  const address = (bytes: number): string => 'a'.repeat(bytes - hostName.length - 1).concat(`@${hostName}`)
  t.match(await home.run('inject', ['-a', address(addressBytes)], { input: 'Subject: x\n\n', reject: false }), { exitCode: 0 })
  t.match(await home.run('inject', ['-a', address(addressBytes + 1)], { input: 'Subject: x\n\n', reject: false }), {
    exitCode: 100,
    stderr: 'qmail-inject: fatal: envelope address too long for qq (#5.1.3)\n',
  })
})

t.test('a line of 100 MB without an end, and one of NULs, cost smtpd no memory and the client no session', async (t) => {
  const smtp = await Dialogue.open(running.smtpPort, smtpReply)
  const pid = running.pids().get('smtpd') ?? 0
  for (let n = 0; n < 100; n += 1) await smtp.send(Buffer.alloc(1_048_576, n % 2 === 0 ? 'x' : 0))
  t.equal(await smtp.say('', smtpReply), '500 line too long (#5.5.2)\r\n')
  t.ok((peakMegabytes(pid) ?? 0) < residentMegabytes)
  smtp.close()
})
