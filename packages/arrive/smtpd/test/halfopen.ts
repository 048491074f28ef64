/** Connections that begin TLS and say nothing more: however many there are, others are served. */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { tlsHandshakeRestSeconds } from '@yabumi/limits'
import { selfSigned } from '@yabumi/selfsigned'
import t from 'tap'
import { until } from '../../../../test/support/wait.ts'
import { EnvelopeMemory } from '../src/envelopememory.ts'
import { Session } from '../src/session.ts'
import { readSettings } from '../src/settings.ts'
import { UserQuestions } from '../src/userquestions.ts'
import { noTls } from '../src/wire.ts'
import { Client, Resident } from './scratch/client.ts'
import { ScratchHome } from './scratch/home.ts'

const year = 365 * 86_400_000
const places = 200
const all = 10_000
const batch = 500

t.test('a handshake gives way after its time, without a word', async (t) => {
  const home = new ScratchHome(t)
  process.chdir(home.path)
  t.teardown(() => process.chdir('/'))
  const said: string[] = []
  const wire = {
    send: (replies: string) => said.push(replies) > 0,
    drained: async () => undefined,
    pause: () => undefined,
    resume: () => undefined,
    startTls: () => new Promise<string>(() => undefined),
    close: (exitCode: number) => said.push(`closed ${exitCode}`),
  }
  const client = { remoteHost: 'unknown', remoteAddress: '192.0.2.1', remoteInfo: undefined, localHost: 'test.example' }
  const shared = {
    memory: new EnvelopeMemory(1, () => undefined),
    users: new UserQuestions(() => undefined),
    logins: undefined,
    listJudge: () => Promise.reject(new Error()),
  }
  const session = new Session(client, readSettings(new Map(), undefined), wire, shared, noTls())
  const began = performance.now()
  session.greet(true)
  t.equal(session.giveWay(began + tlsHandshakeRestSeconds * 1_000 - 1), false)
  t.equal(session.giveWay(performance.now() + tlsHandshakeRestSeconds * 1_000), true)
  t.same(said, ['closed 1'])
})

t.test(`${all} half-open handshakes take no more than their places, and a client that speaks is served`, async (t) => {
  const certificate = selfSigned('test.example', { from: new Date(Date.now() - year), until: new Date(Date.now() + year) })
  const home = new ScratchHome(t, { 'servercert.pem': certificate, concurrencyincoming: `${places}\n`, doorlog: '0\n' })
  const server = new Resident(t, home, ['--no-ptr', '--listen-tls', '127.0.0.1:0'])
  const port = await server.ready()
  await server.logs(', TLS at once\n')
  const tlsPort = Number(/:([0-9]+), TLS at once/.exec(server.log)?.[1])
  const held = new Set<Socket>()
  t.teardown(() => {
    for (const socket of held) socket.destroy()
  })
  for (let opened = 0; opened < all; opened += batch) {
    const sockets = Array.from({ length: batch }, () => connect({ port: tlsPort, host: '127.0.0.1' }))
    for (const socket of sockets) {
      held.add(socket)
      socket.on('error', () => undefined).on('close', () => held.delete(socket))
    }
    await Promise.all(sockets.map((socket) => once(socket, 'connect')))
    for (const socket of sockets) socket.write('\x16\x03\x01')
  }
  let greeting = ''
  while (!greeting.startsWith('220 ')) {
    const client = new Client(t, port)
    greeting = await client.replies()
    if (greeting.startsWith('220 ')) t.match(await client.ask('EHLO c\r\n'), /^250-test\.example\r\n/)
  }
  await until(
    () => `no more than ${places} are held, not ${held.size}`,
    () => held.size <= places,
  )
})
