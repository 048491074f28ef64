/** Another host that misbehaves: nothing is lost, nobody bounces for it, and it takes neither time nor memory. */
import { createServer, type Server, type Socket } from 'node:net'
import { join } from 'node:path'
import { attemptReplyBytes } from '@yabumi/limits'
import { execa } from 'execa'
import t, { type Test } from 'tap'
import { checkout, hostName, ScratchHome } from '../support/home.ts'
import { type HostConnection, type Session, startHost } from '../support/host.ts'
import { until } from '../support/wait.ts'

const message = 'Subject: test\n\nhello\n'

/** What `remote` says of a message to a host with this session, and what the host was told. */
async function remote(t: Test, session: Session, input: string | Buffer = message): Promise<{ report: string; wire: string }> {
  const host = await startHost(session)
  t.teardown(() => host.close())
  const home = t.testdir({ control: { me: 'test.example\n', smtproutes: `:127.0.0.1:${host.port}\n` } })
  const { stdout } = await execa(join(checkout, 'bin/remote'), ['h.example', 's@test.example', 'r@h.example'], {
    env: { YABUMI_HOME: home },
    input,
  })
  await Promise.all(host.connections.map((connection) => connection.closed()))
  return { report: stdout, wire: host.connections.map(({ wire }) => wire).join('') }
}

/** Answers each line in turn, and what follows 354 once the message is whole; then it does something else. */
function answering(replies: readonly string[], then: (host: HostConnection) => void = () => undefined): Session {
  return async (host) => {
    host.say('220 hi\r\n')
    for (const [index, reply] of replies.entries()) {
      if (replies[index - 1]?.startsWith('354')) await host.data()
      else await host.line()
      host.say(`${reply}\r\n`)
    }
    then(host)
    await host.closed()
  }
}

t.test('A2: a message is not sent to a host that says 250 to DATA, which would take its lines for commands', async (t) => {
  const evil = 'MAIL FROM:<evil@test.example>\nRCPT TO:<victim@h.example>\nDATA\nSubject: forged\n\n'
  const { report, wire } = await remote(t, answering(['250 ok', '250 ok', '250 ok', '250 ok', '250 ok', '250 ok', '250 ok']), evil)
  t.match(report, /^ZConnected to 127\.0\.0\.1 but it is out of step: /)
  t.ok(wire.endsWith('\r\nDATA\r\n'))
})

t.test('A1: a message is not handed to a host that says a line too many, whose refusal nobody would hear', async (t) => {
  const replies = ['250 hello\r\n250 hello again', '250 sender', '250 recipient', '354 go', '554 no']
  const { report } = await remote(t, answering(replies))
  t.match(report, /^ZConnected to 127\.0\.0\.1 but it is out of step: /)
})

t.test('A4: a verdict counts though the host resets the connection right behind it', async (t) => {
  for (const [verdict, letter] of [
    ['250 taken', 'K'],
    ['554 no', 'D'],
  ] as const) {
    const { report } = await remote(
      t,
      answering(['250 ok', '250 ok', '250 ok', '354 go', verdict], (host) => host.reset()),
    )
    t.ok(report.startsWith(`r\0${letter}127.0.0.1 `) && report.includes(`Remote host said: ${verdict}\n`), report)
  }
})

t.test('A5: a refusal that comes with the end of the connection in the middle of a message is heard', async (t) => {
  // SIGSTOP between the last piece and the refusal, so that remote finds both at once
  let child: ReturnType<typeof execa> | undefined
  const host = await startHost(async (host) => {
    host.say('220 hi\r\n')
    for (const reply of ['250 ok', '250 ok', '250 ok', '354 go']) {
      await host.line()
      host.say(`${reply}\r\n`)
    }
    await host.line()
    child?.kill('SIGSTOP')
    host.say('552 too big\r\n')
    host.reset()
    await new Promise((resolve) => setImmediate(resolve))
    child?.kill('SIGCONT')
  })
  t.teardown(() => host.close())
  const home = t.testdir({ control: { me: 'test.example\n', smtproutes: `:127.0.0.1:${host.port}\n` } })
  for (let i = 0; i < 5; i += 1) {
    child = execa(join(checkout, 'bin/remote'), ['h.example', 's@test.example', 'r@h.example'], {
      env: { YABUMI_HOME: home },
      input: 'x\n'.repeat(10_000_000),
    })
    const { stdout } = await child
    t.equal(stdout, 'r\0D127.0.0.1 failed while I sent the message.\nRemote host said: 552 too big\n\0')
  }
})

/** A host that says the same for ever; counts what is taken. */
async function startEndless(t: Test, words: Buffer) {
  const taken: number[] = []
  const open = new Set<Socket>()
  const server: Server = createServer((socket) => {
    open.add(socket)
    const pump = (): void => {
      while (!socket.destroyed && socket.write(words)) if (socket.bytesWritten > 100 * attemptReplyBytes) return void socket.destroy()
    }
    socket.on('drain', pump).on('error', () => undefined)
    socket.on('close', () => {
      open.delete(socket)
      taken.push(socket.bytesWritten)
    })
    socket.resume()
    pump()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => {
    for (const socket of open) socket.destroy()
    server.close()
  })
  return { port: (server.address() as { port: number }).port, taken }
}

t.test('an endless reply is not read to its end', async (t) => {
  for (const line of ['220-more to come\r\n', '2', '220 hi\r\n']) {
    const host = await startEndless(t, Buffer.from(line.repeat(1_000)))
    const home = t.testdir({ control: { me: 'test.example\n', smtproutes: `:127.0.0.1:${host.port}\n` } })
    const { stdout } = await execa(join(checkout, 'bin/remote'), ['h.example', 's@test.example', 'r@h.example'], {
      env: { YABUMI_HOME: home },
      input: message,
    })
    t.match(stdout, /^ZConnected to 127\.0\.0\.1 but it is out of step: /, line)
    await until('the host sees the end', () => host.taken.length === 1)
    // what the system holds of it in its buffers is counted too
    t.ok((host.taken[0] as number) < 30 * attemptReplyBytes, `${host.taken[0]} bytes`)
  }
})

t.test('a host that drips does not hold a delivery, and its mail goes when it has come to its senses', async (t) => {
  let well = false
  const host = await startHost(async (connection, index) => {
    if (well) return answering(['250 ok', '250 ok', '250 ok', '354 go', '250 ok'])(connection, index)
    const timer = setInterval(() => connection.say('2'), 50)
    await connection.closed()
    clearInterval(timer)
  })
  t.teardown(() => host.close())
  const home = await ScratchHome.make(t, 'joe')
  home.control('smtproutes', `:127.0.0.1:${host.port}\n`)
  home.control('timeoutattempt', '3\n')
  const running = await home.supervise()
  await home.inject(['x@far.example'], message)
  await running.logs(/delivery \d+: deferral: Connected_to_127\.0\.0\.1_but_the_message_was_not_handed_over_in_time\._\(#4\.4\.2\)\//)
  well = true
  await until('it is there', () => {
    running.signal('SIGALRM')
    return host.connections.at(-1)?.wire.includes('\r\nhello\r\n.\r\n')
  })
})

t.test('A10: what a host says is printable in the log and in a bounce', async (t) => {
  const host = await startHost(answering(['250 ok', '250 ok', '550-\x1b[2J\x1b]0;title\x07\r\n550 b\xfccher \x9b31m\0']))
  t.teardown(() => host.close())
  const home = await ScratchHome.make(t, 'joe')
  home.control('smtproutes', `:127.0.0.1:${host.port}\n`)
  const running = await home.supervise()
  await home.inject(['-f', `joe@${hostName}`, 'x@far.example'], message)
  await until('the bounce is there', () => home.maildir('joe').length === 1)
  const said = /Remote host said: (550-[^\n]*\n550 [^\n]*)\n/.exec(home.maildir('joe')[0] ?? '')?.[1]
  t.equal(said, '550-?[2J?]0;title?\n550 b??cher ??31m?', 'ü and CSI as UTF-8 are two bytes each')
  t.notMatch(running.log, /[^\n -~]/)
})
