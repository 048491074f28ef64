/** Clients that are never silent and never done: each state of a session has an end. */
import t from 'tap'
import { type Client, Resident } from './scratch/client.ts'
import { ScratchHome } from './scratch/home.ts'

/** Send this again and again until the session is over. @returns what the server said */
async function trickle(client: Client, piece: string): Promise<string> {
  const timer = setInterval(() => client.send(piece), 200)
  const ending = await client.ending()
  clearInterval(timer)
  return ending
}

const home = new ScratchHome(t, { timeoutsmtpd: '1\n' })
const server = new Resident(t, home)
const port = await server.ready()

t.test('slow clients', { jobs: 4 }, async (t) => {
  t.test('a command that never ends is dropped though its bytes keep coming', async (t) => {
    const client = server.client(port)
    await client.replies()
    t.equal(await trickle(client, 'x'), '451 timeout (#4.4.2)\r\n')
    await server.logs(': end: dropped for a command that does not end, messages 0, refused 0, seconds ')
  })

  t.test('a session of commands that never come to a message is dropped', async (t) => {
    const client = server.client(port)
    await client.replies()
    const said = await trickle(client, 'NOOP\r\n')
    t.match(said, /^(250 ok\r\n){5,}451 timeout \(#4\.4\.2\)\r\n$/)
    await server.logs(': end: dropped for a session without a message, messages 0, refused 0, seconds ')
  })

  t.test('a message that never ends is dropped, and nothing of it is queued', async (t) => {
    const client = server.client(port)
    await client.replies()
    await client.ask('MAIL FROM:<>\r\nRCPT TO:<r@test.example>\r\nDATA\r\n', 3)
    t.equal(await trickle(client, 'x'), '451 timeout (#4.4.2)\r\n')
    await server.logs(': end: dropped for a message that does not end, messages 0, refused 0, seconds ')
    t.same(
      home.queued().filter(({ message }) => message.includes('xx')),
      [],
    )
  })

  t.test('a client that sends message after message is never overdue', async (t) => {
    const client = server.client(port)
    await client.replies()
    const others = 'dropped for a message that does not end'
    while (!server.log.includes(others)) {
      const replies = await client.ask('MAIL FROM:<>\r\nRCPT TO:<r@test.example>\r\nDATA\r\n', 3)
      t.match(replies, /354 go ahead\r\n$/)
      t.match(await client.ask('x\r\n.\r\n'), /^250 ok /)
      await new Promise((resolve) => setTimeout(resolve, 300))
    }
  })
})
