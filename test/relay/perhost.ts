/** At most so many connections to one destination, while mail for others goes on. */
import { createServer, type Socket } from 'node:net'
import t, { type Test } from 'tap'
import { ScratchHome } from '../support/home.ts'
import { startSink } from '../support/sink.ts'
import { until } from '../support/wait.ts'

/** A host that says nothing until it is told to; counts who is in a session with it. */
async function startSlowHost(t: Test) {
  const inSession = new Set<Socket>()
  /** Counted from the first word to QUIT: a connection may be accepted before an earlier QUIT is read, but its first word is read after it. */
  const speaking = new Set<Socket>()
  let most = 0
  let open = false
  let kept = 0
  const server = createServer((socket) => {
    inSession.add(socket)
    let data = false
    const leave = (): void => {
      inSession.delete(socket)
      speaking.delete(socket)
    }
    socket.once('data', () => {
      speaking.add(socket)
      most = Math.max(most, speaking.size)
    })
    socket.setEncoding('latin1')
    socket.on('close', leave).on('error', leave)
    socket.on('data', (text: string) => {
      if (data && text.endsWith('\r\n.\r\n')) {
        data = false
        kept += 1
        socket.write('250 kept\r\n')
      } else if (text.startsWith('DATA')) {
        data = true
        socket.write('354 go on\r\n')
      } else if (text.startsWith('QUIT')) leave()
      else if (!data) socket.write('250 ok\r\n')
    })
    if (open) socket.write('220 here\r\n')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => {
    for (const socket of inSession) socket.destroy()
    server.close()
  })
  return {
    port: (server.address() as { port: number }).port,
    sessions: () => inSession.size,
    most: () => most,
    kept: () => kept,
    greet: () => {
      open = true
      for (const socket of inSession) socket.write('220 here\r\n')
    },
  }
}

t.test('concurrencyperhost bounds the connections to a slow destination, and nobody waits for it', async (t) => {
  const slow = await startSlowHost(t)
  const quick = await startSink()
  t.teardown(() => quick.close())
  const home = await ScratchHome.make(t, 'joe')
  home.control('concurrencyperhost', '3\n')
  home.control('smtproutes', `slow.example:127.0.0.1:${slow.port}\nquick.example:127.0.0.1:${quick.port}\n`)
  const running = await home.supervise()
  for (let n = 0; n < 10; n += 1) await home.inject(['-fjoe@mail.test.example', `u${n}@slow.example`], `Subject: ${n}\n\nhello\n`)
  await until('three are connected', () => slow.sessions() === 3)
  await running.logs(/info msg/, 10)
  await home.inject(['-fjoe@mail.test.example', 'a@quick.example', 'b@slow.example', 'c@quick.example'], 'Subject: both\n\nhello\n')
  await until('the quick one has it', () => quick.messages.flatMap(({ recipients }) => recipients).length === 2)
  t.equal(slow.sessions(), 3)
  slow.greet()
  await running.emptied()
  t.equal(slow.kept(), 11)
  t.equal(slow.most(), 3)
})
