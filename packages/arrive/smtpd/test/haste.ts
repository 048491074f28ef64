// control/forbidpipelining 1: who speaks before the answer to DATA is turned away, in whichever pieces that comes.
import t, { type Test } from 'tap'
import { type Client, Resident } from './scratch/client.ts'
import { ScratchHome } from './scratch/home.ts'

const envelope = 'MAIL FROM:<s@far.example>\r\nRCPT TO:<r@test.example>\r\n'
const message = 'Subject: x\r\n\r\nbody\r\n.\r\n'
const refusal = '554 you spoke before my answer (#5.5.1)\r\n'

async function session(t: Test, setting: string | undefined): Promise<{ client: Client; server: Resident }> {
  const home = new ScratchHome(t, { doorlog: '1\n', ...(setting === undefined ? {} : { forbidpipelining: setting }) })
  const server = new Resident(t, home)
  const client = server.client(await server.ready())
  await client.replies()
  return { client, server }
}

t.test('without the file, and with 0, a message behind DATA is taken as it always was', async (t) => {
  for (const setting of [undefined, '0\n']) {
    const { client } = await session(t, setting)
    client.send(`${envelope}DATA\r\n${message}`)
    t.match(await client.replies(4), /^250 ok\r\n250 ok\r\n354 go ahead\r\n250 ok [^\n]* qp [^\n]*\r\n$/)
  }
})

t.test('with 1, and with a bad line at first, bytes behind DATA end the session, and no message is taken', async (t) => {
  for (const setting of ['1\n', 'yes\n']) {
    const { client } = await session(t, setting)
    client.send(`${envelope}DATA\r\n${message}`)
    t.equal(await client.replies(4), `250 ok\r\n250 ok\r\n${refusal}`, setting)
  }
})

t.test('with 1, one byte behind a DATA that would have been refused is enough', async (t) => {
  const { client, server } = await session(t, '1\n')
  client.send('DATA\r\nR')
  t.equal(await client.replies(2), refusal)
  await server.logs('end: spoke before the answer to DATA')
})

t.test('with 1, MAIL, RCPT and DATA in one write are served, and so is whoever waits', async (t) => {
  const { client } = await session(t, '1\n')
  client.send(`${envelope}DATA\r\n`)
  t.equal(await client.replies(3), '250 ok\r\n250 ok\r\n354 go ahead\r\n')
  client.send(`${message}${envelope}DATA\r\n`)
  t.match(await client.replies(4), /^250 ok [^\n]*\r\n250 ok\r\n250 ok\r\n354 go ahead\r\n$/, 'what follows a final dot may come with it')
})

t.test('with 1, commands behind EHLO are served, and the log says so', async (t) => {
  const { client, server } = await session(t, '1\n')
  client.send('EHLO x\r\nNOOP\r\n')
  t.match(await client.replies(2), /250 ok\r\n$/)
  await server.logs('spoke before the answer to EHLO')
})
