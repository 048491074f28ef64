/** An address that does not answer is recorded, and left alone from the second time on. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { noFacts } from '@yabumi/facts'
import t from 'tap'
import { currentSettings, deliver } from '../src/index.ts'

process.chdir(t.testdir({ control: { me: 'test.example\n', timeoutconnect: '1\n' }, message: 'x\n' }))
mkdirSync('queue/lock', { recursive: true })
writeFileSync('queue/lock/tcpto', Buffer.alloc(1024))

/** Fill the listener's queue until a connection stays unanswered. */
async function fill(port: number): Promise<Socket[]> {
  const sockets: Socket[] = []
  for (;;) {
    const socket = connect(port, '127.0.0.1').on('error', () => undefined)
    sockets.push(socket)
    const answered = await Promise.race([
      once(socket, 'connect').then(() => true),
      new Promise<false>((resolve) => setTimeout(resolve, 500, false)),
    ])
    if (!answered) return sockets
  }
}

t.test('a connection that times out is a deferral and is recorded; the second time makes trouble', async (t) => {
  const listener = spawn(process.execPath, [join(import.meta.dirname, 'support/full.ts')], { stdio: ['ignore', 'pipe', 'ignore'] })
  t.teardown(() => listener.kill('SIGKILL'))
  const [line] = (await once(listener.stdout, 'data')) as [Buffer]
  const sockets = await fill(Number(line))
  t.teardown(() => {
    for (const socket of sockets) socket.destroy()
  })
  writeFileSync('control/smtproutes', `:127.0.0.1:${Number(line)}\n`)
  const attempt = () =>
    deliver({ host: 'h', sender: 's', recipients: ['r'], facts: noFacts, fd: openSync('message', 'r') }, currentSettings())
  const report = ["ZSorry, I wasn't able to establish an SMTP connection. (#4.4.1)\n"]
  const record = () => readFileSync('queue/lock/tcpto').subarray(0, 5).join('.')

  t.same(await attempt(), report)
  t.equal(record(), '127.0.0.1.1')
  t.same(await attempt(), report)
  t.equal(record(), '127.0.0.1.1', 'the same event')
  const table = readFileSync('queue/lock/tcpto')
  table.writeUInt32LE(table.readUInt32LE(8) - 120, 8)
  writeFileSync('queue/lock/tcpto', table)
  t.same(await attempt(), report)
  t.equal(record(), '127.0.0.1.2')

  listener.kill('SIGKILL') // now a connection would be refused, which is no timeout; but none is tried
  await once(listener, 'exit')
  t.same(await attempt(), report)
  t.equal(record(), '127.0.0.1.2')
})
