/** smtpd before the real queue: acknowledged means kept, whatever happens to queue meanwhile. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { FrameReader, roomFrame } from '@yabumi/enqueue'
import t, { type Test } from 'tap'
import { type Client, Resident } from './scratch/client.ts'
import { checkout } from './scratch/home.ts'

class RealHome {
  readonly path: string = mkdtempSync(join(tmpdir(), 'smtpd-queue-'))

  constructor(t: Test) {
    t.teardown(() => rmSync(this.path, { recursive: true, force: true }))
    const { status } = spawnSync(join(checkout, 'bin/config-fast'), ['test.example'], {
      env: this.environment(),
      stdio: ['ignore', 'ignore', 'inherit'],
    })
    t.equal(status, 0)
  }

  environment(more: Record<string, string> = {}): Record<string, string> {
    return { PATH: process.env['PATH'] ?? '', YABUMI_HOME: this.path, ...more }
  }

  /** The bodies of the messages that queue has accepted. */
  accepted(): string[] {
    return readdirSync(join(this.path, 'queue/todo')).map((id) => {
      const mess = readFileSync(join(this.path, 'queue/mess', String(Number(id) % 23), id), 'latin1')
      return mess.slice(mess.indexOf('\n\n') + 2)
    })
  }
}

async function startQueue(t: Test, home: RealHome): Promise<ChildProcess> {
  const queue = spawn(join(home.path, 'bin/queue'), ['--listen', '--ready-fd', '3'], {
    env: home.environment(),
    stdio: ['ignore', 'inherit', 'inherit', 'pipe'],
  })
  t.teardown(async () => {
    if (queue.exitCode !== null || queue.signalCode !== null) return
    queue.kill('SIGKILL')
    await once(queue, 'exit')
  })
  await once(queue.stdio[3] as Socket, 'data')
  return queue
}

/** Send one message with this body. @returns the verdict */
async function send(client: Client, body: string): Promise<string> {
  await client.ask('MAIL FROM:<s@x.example>\r\nRCPT TO:<r@test.example>\r\nDATA\r\n', 3)
  return await client.ask(`Subject: s\r\n\r\n${body}\r\n.\r\n`)
}

t.test('smtpd hands a message to the resident queue, and the number behind qp is the file in queue/', async (t) => {
  const home = new RealHome(t)
  await startQueue(t, home)
  const server = new Resident(t, home)
  const client = server.client(await server.ready())
  await client.replies()
  const [, id = ''] = / qp ([0-9]+)\r\n$/.exec(await send(client, 'hello')) ?? []
  t.same(readdirSync(join(home.path, 'queue/todo')), [id])
  const message = readFileSync(join(home.path, 'queue/mess', String(Number(id) % 23), id), 'latin1')
  t.match(
    message,
    new RegExp(
      `^Received: \\(qmail ${id} invoked .*\\); .* -0000\nReceived: from unknown \\(127\\.0\\.0\\.1\\)\n  by test\\.example with SMTP; `,
    ),
  )
})

t.test('MAIL with a SIZE for which the queue has no room is refused, and taken where nobody knows', async (t) => {
  const home = new RealHome(t)
  const server = new Resident(t, home)
  const port = await server.ready()
  const mail = async (sizeBytes: string): Promise<string> => {
    const client = server.client(port)
    await client.replies()
    await client.ask('EHLO x\r\n')
    return await client.ask(`MAIL FROM:<s@x.example> SIZE=${sizeBytes}\r\nQUIT\r\n`, 2)
  }
  const huge = '9'.repeat(20)
  t.match(await mail(huge), /^250 2\.1\.0 ok\r\n221 /)
  await startQueue(t, home)
  let refusal = ''
  while (refusal.startsWith('452') === false) refusal = await mail(huge)
  t.match(refusal, /^452 4\.3\.1 no room for that message now \(#4\.3\.1\)\r\n221 /)
  t.match(await mail('1000'), /^250 2\.1\.0 ok\r\n221 /)
})

t.test('a message and a tenth more must have room in the queue', async (t) => {
  const home = new RealHome(t)
  const queue = createServer((socket) => {
    const reader = new FrameReader(() => socket.write(roomFrame(1_100)))
    socket.on('data', (bytes) => reader.read(bytes))
    socket.on('error', () => undefined)
    t.teardown(() => socket.destroy())
  })
  await once(queue.listen(join(home.path, 'queue.sock')), 'listening')
  t.teardown(() => queue.close())
  const server = new Resident(t, home)
  const client = server.client(await server.ready())
  await client.replies()
  await client.ask('EHLO x\r\n')
  t.match(await client.ask('MAIL FROM:<> SIZE=1000\r\n'), /^250 /)
  t.match(await client.ask('MAIL FROM:<> SIZE=1001\r\n'), /^452 /)
  t.match(await client.ask('RCPT TO:<r@test.example>\r\n'), /^503 /, 'there is no transaction')
  t.match(await client.ask('MAIL FROM:<>\r\nRCPT TO:<r@test.example>\r\n', 2), /^250 .*\r\n250 /, 'without a size nobody is asked')
})

t.test('smtpd runs bin/queue if no queue listens', async (t) => {
  const home = new RealHome(t)
  const server = new Resident(t, home)
  const client = server.client(await server.ready())
  await client.replies()
  t.match(await send(client, 'hello'), /^250 ok [0-9]+ qp [0-9]+\r\n$/)
  t.same(home.accepted(), ['hello\n'])
})

t.test('smtpd acknowledges nothing that a killed queue has not kept', async (t) => {
  const home = new RealHome(t)
  let queue = await startQueue(t, home)
  const server = new Resident(t, home)
  const port = await server.ready()
  const acknowledged: string[] = []
  const verdicts = new Set<string>()
  const work = async (session: number): Promise<void> => {
    const client = server.client(port)
    await client.replies()
    for (let n = 0; n < 30; n += 1) {
      const body = `${session} ${n}`
      const verdict = await send(client, body)
      verdicts.add(verdict.slice(0, 3))
      if (verdict.startsWith('250')) acknowledged.push(`${body}\n`)
    }
  }
  const sessions = [0, 1, 2, 3, 4, 5, 6, 7].map(work)
  for (const enough of [40, 100]) {
    while (acknowledged.length < enough) await new Promise((resolve) => setTimeout(resolve, 5))
    queue.kill('SIGKILL')
    await once(queue, 'exit')
    queue = await startQueue(t, home)
  }
  await Promise.all(sessions)
  const kept = home.accepted()
  t.same(
    acknowledged.filter((body) => !kept.includes(body)),
    [],
  )
  t.ok(
    [...verdicts].every((verdict) => verdict === '250' || verdict === '451'),
    [...verdicts].join(' '),
  )
})
