import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { realpathSync, statSync, writeFileSync } from 'node:fs'
import { createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import {
  bin,
  ended,
  environmentOf,
  queueFiles,
  queueText,
  readyListener,
  scratchDirectory,
  scratchHome,
} from '../../queue/test/support/scratch.ts'
import { answerFrame, FrameReader, openSubmission, queueRoom, roomFrame } from '../src/index.ts'

// connections are kept for one home a process, so all tests here share one
const home = scratchHome(t)
process.env['YABUMI_HOME'] = home
const environment: ReadonlyMap<string, string> = new Map([['PATH', process.env['PATH'] ?? '']])

/** A queue that does what the test says with each connection. */
async function fakeQueue(t: Test, serve: (socket: Socket) => void): Promise<void> {
  const sockets: Socket[] = []
  const server = createServer((socket) => {
    sockets.push(socket)
    serve(socket)
  })
  t.teardown(async () => {
    server.close()
    for (const socket of sockets) socket.destroy()
    await Promise.all(sockets.map((socket) => socket.closed || once(socket, 'close')))
  })
  server.listen(join(home, 'queue.sock'))
  await once(server, 'listening')
}

t.test('without a listener the program is run', async (t) => {
  const submission = openSubmission({ environment })
  submission.write(Buffer.from('by program\n'))
  const outcome = await submission.finish('s', ['r'])
  t.equal(outcome.verdict, 'K')
  t.match(queueText(home, queueFiles(home, 'todo')[0] as string), `\0p${outcome.qp}\0`, 'qp is its process number')
})

t.test('a connection lost before the answer is temporary trouble', async (t) => {
  await fakeQueue(t, (socket) => socket.on('data', () => socket.destroy()))
  const submission = openSubmission({ environment })
  submission.write(Buffer.from('x\n'))
  t.same(await submission.finish('s', ['r']), { verdict: 'Z', text: 'qq crashed (#4.3.0)', qp: '0' })
})

t.test('nonsense instead of an answer is temporary trouble', async (t) => {
  await fakeQueue(t, (socket) => socket.on('data', () => socket.write('220 hello\r\n')))
  t.match(await openSubmission({ environment }).finish('s', ['r']), { verdict: 'Z', text: 'qq crashed (#4.3.0)' })
})

t.test('the room of the queue is asked for once a second, and the connection is good for a message then', async (t) => {
  let questions = 0
  let messages = 0
  await fakeQueue(t, (socket) => {
    const reader = new FrameReader((letter) => {
      if (letter === 'R') {
        questions += 1
        socket.write(roomFrame(12_345_678_901_234))
      } else if (letter === 'C') {
        messages += 1
        socket.write(answerFrame(0, '7'))
      }
    })
    socket.on('data', (bytes) => reader.read(bytes))
  })
  t.same(await Promise.all([queueRoom(), queueRoom()]), [12_345_678_901_234, 12_345_678_901_234])
  t.equal(questions, 1)
  t.match(await openSubmission({ environment }).finish('s', ['r']), { verdict: 'K', qp: '7' })
  t.equal(messages, 1)
  while (questions < 2) {
    t.equal(await queueRoom(), 12_345_678_901_234)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
})

t.test('the room is unknown where the queue takes the question for no frame, and messages go on', async (t) => {
  let last: Socket | undefined
  await fakeQueue(t, (socket) => {
    last = socket
    const reader = new FrameReader((letter) => {
      if (letter === 'R') socket.end(answerFrame(91, '0'))
      else if (letter === 'C') socket.write(answerFrame(0, '7'))
    })
    socket.on('data', (bytes) => reader.read(bytes))
  })
  while ((await queueRoom()) !== undefined) await new Promise((resolve) => setTimeout(resolve, 50))
  t.match(await openSubmission({ environment }).finish('s', ['r']), { verdict: 'K', qp: '7' })
  await once((last as unknown as Socket).end(), 'close') // the next test is to have a connection of its own
})

t.test('an answer may bring its own text, and come before the end of the message', async (t) => {
  await fakeQueue(t, (socket) => socket.once('data', () => socket.write(answerFrame(82, '7', 'Dno such thing (#5.7.1)'))))
  const submission = openSubmission({ environment })
  for (let i = 0; i < 100; i += 1) if (!submission.write(Buffer.alloc(65_536))) await submission.drained()
  t.same(await submission.finish('s', ['r']), { verdict: 'D', text: 'no such thing (#5.7.1)', qp: '7' })
})

t.test('a queue that goes away while a message waits for room is temporary trouble', async (t) => {
  await fakeQueue(t, (socket) => {
    socket.pause()
    setTimeout(() => socket.destroy(), 50)
  })
  const submission = openSubmission({ environment })
  for (let i = 0; i < 100; i += 1) if (!submission.write(Buffer.alloc(65_536))) await submission.drained()
  t.match(await submission.finish('s', ['r']), { verdict: 'Z', text: 'qq crashed (#4.3.0)' })
})

t.test('messages go to the resident queue, many at once and one after the other', async (t) => {
  const listener = await readyListener(t, home)
  const before = queueFiles(home, 'todo').length
  const qps = await Promise.all(
    Array.from({ length: 30 }, async (_, index) => {
      const list: string[] = []
      for (let n = 0; n < 3; n += 1) {
        const submission = openSubmission({ environment, role: 'network' })
        submission.write(Buffer.from(`message ${index}\n`))
        const outcome = await submission.finish(`s${index}`, ['r\xe9'])
        if (outcome.verdict === 'K') list.push(outcome.qp)
      }
      return list
    }),
  )
  t.equal(new Set(qps.flat()).size, 90)
  t.equal(queueFiles(home, 'todo').length - before, 90)
  const wrong = qps.flatMap((list, index) => list.filter((qp) => !queueText(home, `todo/${qp}`).endsWith(`Fs${index}\0Tr\xe9\0`)))
  t.same(wrong, [])
  t.match(queueText(home, `mess/${Number(qps[0]?.[0]) % 23}/${qps[0]?.[0]}`), /invoked from network\);.*\nmessage 0\n$/)

  const large = openSubmission({ environment })
  for (let i = 0; i < 100; i += 1) if (!large.write(Buffer.alloc(100_000, 'line\n'))) await large.drained()
  const recipients = Array.from({ length: 100_000 }, (_, i) => `user${i}@example.com`)
  const { verdict, qp } = await large.finish('s', recipients)
  t.equal(verdict, 'K')
  t.ok(statSync(join(home, `queue/mess/${Number(qp) % 23}/${qp}`)).size > 10_000_000)
  t.equal(queueText(home, `todo/${qp}`).split('T').length, 100_001)

  t.match(await openSubmission({ environment }).finish('s'.repeat(1003), []), {
    verdict: 'D',
    text: 'envelope address too long for qq (#5.1.3)',
  })
  t.match(await openSubmission({ environment }).abandon(), { verdict: 'Z', text: 'qq read error (#4.3.0)' })
  t.match(await openSubmission({ environment }).finish('s', ['r\0Tother']), { verdict: 'Z' })
  t.equal((await openSubmission({ environment }).finish('', [])).verdict, 'K')
  listener.kill('SIGTERM')
  await ended(listener)
})

t.test('a listener that was replaced is found again', async (t) => {
  const listener = await readyListener(t, home)
  t.equal((await openSubmission({ environment }).finish('s', [])).verdict, 'K')
  listener.kill('SIGKILL')
  await ended(listener)
  await readyListener(t, home)
  t.equal((await openSubmission({ environment }).finish('s', [])).verdict, 'K')
})

t.test('idle connections keep no process alive, and a home may lie deep', async (t) => {
  const deep = join(scratchDirectory(t), 'd'.repeat(120))
  spawnSync(join(bin, 'config-fast'), ['test.example'], { env: environmentOf(deep) })
  await readyListener(t, deep)
  const script = join(realpathSync(t.testdir({})), 'submit.ts')
  const enqueue = join(import.meta.dirname, '../src/index.ts')
  writeFileSync(
    script,
    `import { openSubmission } from ${JSON.stringify(enqueue)}; console.log((await openSubmission().finish('s', [])).qp)`,
  )
  const { status, stdout } = spawnSync(process.execPath, [script], { env: environmentOf(deep) })
  t.equal(status, 0)
  t.same(queueFiles(deep, 'todo'), [`todo/${String(stdout).trim()}`])
})
