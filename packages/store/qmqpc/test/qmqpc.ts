import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync } from 'node:fs'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import type { Writable } from 'node:stream'
import { netstring } from '@yabumi/netstring'
import t, { type Test } from 'tap'
import { checkout, ScratchHome } from '../../../arrive/smtpd/test/scratch/home.ts'

const envelope = 'Fs@x\0Tr@y\0Tq@z\0\0'
const request = netstring(netstring('A: b\n\nx\n') + netstring('s@x') + netstring('r@y') + netstring('q@z'))

/** A host that takes requests, on a free port: what it heard, and where it is. */
async function host(t: Test, serve: (socket: Socket, heard: string) => void): Promise<{ port: number; heard: () => string }> {
  let heard = ''
  const server = createServer((socket) => {
    socket.on('error', () => undefined)
    socket.on('data', (bytes: Buffer) => {
      heard += bytes.toString('latin1')
      serve(socket, heard)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  return { port: (server.address() as AddressInfo).port, heard: () => heard }
}

/** Run qmqpc on pipes. @returns its exit code */
async function submit(home: ScratchHome, message: string, envelope: string): Promise<number | null> {
  const child = spawn(join(checkout, 'bin/qmqpc'), [], { env: home.environment(), stdio: ['pipe', 'pipe', 'inherit'] })
  const writable = child.stdio[1] as unknown as Writable
  for (const [stream, text] of [
    [child.stdin, message],
    [writable, envelope],
  ] as const) {
    stream.on('error', () => undefined)
    stream.end(Buffer.from(text, 'latin1'))
  }
  const [code] = (await once(child, 'exit')) as [number | null]
  return code
}

const answering = (text: string) => (socket: Socket, heard: string) => {
  if (heard.length >= request.length) socket.end(text)
}

for (const [answer, code] of [
  ['4:Kfoo,', 0],
  ['3:Dno,', 31],
  ['3:Zno,', 71],
  ['3:Xno,', 74],
  ['', 74],
] as const) {
  t.test(`qmqpc exits ${code} where the other host says ${JSON.stringify(answer)}`, async (t) => {
    const { port, heard } = await host(t, answering(answer))
    const home = new ScratchHome(t, { qmqpservers: `# ours\nnonsense\n127.0.0.1:${port}\n` })
    t.equal(await submit(home, 'A: b\n\nx\n', envelope), code)
    t.equal(heard(), request)
  })
}

t.test('qmqpc tries the next host only where it could not connect', async (t) => {
  const closed = await host(t, () => {})
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port: nobody } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  const { port, heard } = await host(t, answering('1:K,'))
  t.equal(await submit(new ScratchHome(t, { qmqpservers: `127.0.0.1:${nobody}\n127.0.0.1:${port}\n` }), 'A: b\n\nx\n', envelope), 0)
  t.equal(heard(), request)
  t.equal(await submit(new ScratchHome(t, { qmqpservers: `127.0.0.1:${nobody}\n` }), 'x', envelope), 73)
  const breaking = await host(t, (socket) => socket.destroy())
  t.equal(await submit(new ScratchHome(t, { qmqpservers: `127.0.0.1:${breaking.port}\n127.0.0.1:${closed.port}\n` }), 'x', envelope), 74)
  t.equal(closed.heard(), '')
})

t.test('qmqpc exits 91 for an envelope that is none, and asks nobody', async (t) => {
  const { port, heard } = await host(t, () => {})
  const home = new ScratchHome(t, { qmqpservers: `127.0.0.1:${port}\n` })
  for (const bad of ['', '\0', 'Fs', 'Fs\0', 'Fs\0Tr', 'Fs\0Tr\0', 'Ts\0\0', 'Fs\0Rr\0\0'])
    t.equal(await submit(home, 'x', bad), 91, JSON.stringify(bad))
  t.equal(await submit(home, 'x', `Fs\0T${'r'.repeat(1_200_000)}\0\0`), 11)
  t.equal(heard(), '')
})

t.test('qmqpc exits 55 without servers and 61 without a home', async (t) => {
  t.equal(await submit(new ScratchHome(t), 'x', envelope), 55)
  t.equal(await submit(new ScratchHome(t, { qmqpservers: 'mail.example\n' }), 'x', envelope), 55)
  const home = new ScratchHome(t)
  mkdirSync(join(home.path, 'control/qmqpservers'))
  t.equal(await submit(home, 'x', envelope), 55)
  const child = spawn(join(checkout, 'bin/qmqpc'), [], { env: home.environment({ YABUMI_HOME: '/none' }), stdio: 'ignore' })
  t.same(await once(child, 'exit'), [61, null])
})

t.test('inject submits through qmqpc to a real qmqpd', async (t) => {
  const far = new ScratchHome(t)
  const server = createServer((socket) => {
    const qmqpd = spawn(join(checkout, 'bin/qmqpd'), [], { env: far.environment(), stdio: ['pipe', 'pipe', 'inherit'] })
    socket.pipe(qmqpd.stdin)
    qmqpd.stdout.pipe(socket)
    for (const stream of [socket, qmqpd.stdin]) stream.on('error', () => undefined)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  const near = new ScratchHome(t, { qmqpservers: `127.0.0.1:${(server.address() as AddressInfo).port}\n` })
  const environment = near.environment({ QMAILQUEUE: 'bin/qmqpc', USER: 'joe' })
  const inject = spawn(join(checkout, 'bin/inject'), ['r@far.example'], { env: environment, stdio: ['pipe', 'inherit', 'inherit'] })
  inject.stdin.end('Subject: s\n\nbody\n')
  t.same(await once(inject, 'exit'), [0, null])
  t.match(far.queued()[0]?.message, /with QMQP;[\s\S]*\nSubject: s\n\nbody\n$/)
  t.match(far.queued()[0]?.envelope, /\0Tr@far\.example\0\0$/)
})
