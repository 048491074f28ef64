/** QMQP with Postfix's qmqp-source and qmqp-sink, which speak it as independent hosts do: what they send is queued, what they take is sent. */
import { readdirSync, readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { execa } from 'execa'
import t from 'tap'
import { runPeer, workplace } from '../peers/support/peer.ts'
import { startTcpserver } from '../peers/support/tcpserver.ts'
import { ScratchHome } from '../support/home.ts'
import { freePort } from '../support/ports.ts'
import { find, missing } from '../support/programs.ts'
import { until } from '../support/wait.ts'

const messages = 12

t.test('qmqpd queues what qmqp-source sends', { skip: missing('qmqp-source', 'tcpserver') }, async (t) => {
  const home = await ScratchHome.make(t)
  const { port, ended } = await startTcpserver(t, home, [], ['bin/qmqpd'])
  const size = 20_000
  const options = ['-s', '4', '-m', String(messages), '-r', '3', '-l', String(size), '-f', 'a@source.example', '-t', 'x@far.example']
  await runPeer(workplace(home, 'source'), 'qmqp-source', [...options, `inet:127.0.0.1:${port}`])
  await ended(messages, 0)
  t.equal(home.pending().length, messages)
  const mess = join(home.directory, 'queue/mess')
  for (const id of home.pending()) {
    const envelope = readFileSync(join(home.directory, 'queue/todo', id), 'latin1')
    t.match(envelope, /^u\d+\0p\d+ v1 ORIGIN=network\0Fa@source\.example\0T0x@far\.example\0T1x@far\.example\0T2x@far\.example\0$/)
    const [part = ''] = readdirSync(mess).filter((part) => readdirSync(join(mess, part)).includes(id))
    const text = readFileSync(join(mess, part, id), 'latin1')
    const [, own = ''] = /^(Received: \(qmail [^\n]+\nReceived: from \S+ \(127\.0\.0\.1\)\n {2}by \S+ with QMQP; [^\n]+\n)/.exec(text) ?? []
    t.equal(text.length - own.length, size)
  }
})

t.test('qmqp-sink takes what inject hands to qmqpc', { skip: missing('qmqp-sink') }, async (t) => {
  const home = await ScratchHome.make(t)
  const port = await freePort()
  const sink = execa(find('qmqp-sink') ?? '', [`inet:127.0.0.1:${port}`, '50'], { stdio: 'ignore', reject: false })
  t.teardown(async () => {
    sink.kill('SIGKILL')
    await sink
  })
  await until('qmqp-sink accepts', () => accepts(port))
  home.control('qmqpservers', `127.0.0.1:${port}\n`)
  const env = { QMAILQUEUE: 'bin/qmqpc' }
  for (const size of [0, 1_000, 300_000]) {
    const input = `Subject: ${size}\n\n${'x'.repeat(size)}\n`
    const { exitCode } = await home.run('inject', ['-fjoe@mail.test.example', 'a@far.example', 'b@far.example'], {
      input,
      env,
      reject: false,
    })
    t.equal(exitCode, 0, `${size} bytes`)
  }
  t.same(home.pending(), [], 'this host keeps none')
})

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' })
    socket.on('connect', () => socket.end()).resume()
    socket.on('close', (failed) => resolve(!failed)).on('error', () => undefined)
  })
}
