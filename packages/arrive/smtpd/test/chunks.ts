// BDAT (RFC 3030): messages in counted chunks, what is refused, and that no byte of a chunk is ever obeyed.
import { smtpChunkBytes } from '@yabumi/limits'
import t, { type Test } from 'tap'
import { type Client, Resident } from './scratch/client.ts'
import { ScratchHome } from './scratch/home.ts'

const envelope = 'MAIL FROM:<s@far.example>\r\nRCPT TO:<r@test.example>\r\n'

/** Sessions that have said EHLO, and what queue was given. */
async function door(t: Test, controls: Record<string, string> = {}): Promise<{ home: ScratchHome; come(): Promise<Client> }> {
  const home = new ScratchHome(t, { esmtp: '1\n', ...controls })
  const server = new Resident(t, home)
  const port = await server.ready()
  const come = async (): Promise<Client> => {
    const client = server.client(port)
    await client.replies()
    await client.ask('EHLO x\r\n')
    return client
  }
  return { home, come }
}

/** The message that was queued last, without our Received field. */
function lastQueued(home: ScratchHome): string | undefined {
  return home
    .queued()
    .at(-1)
    ?.message.replace(/^Received: .*\n(?:[ \t].*\n)*/, '')
}

const octets = (...counts: number[]): string => counts.map((count) => `250 ${count} octets received\r\n`).join('')

t.test('a message in chunks, pipelined with its envelope, is acknowledged once, and commands go on behind it', async (t) => {
  const { home, come } = await door(t)
  const client = await come()
  const said = await client.ask(`${envelope}BDAT 14\r\nSubject: s\r\n\r\nBDAT 5\r\nhelloBDAT 8 LAST\r\n world\r\nNOOP\r\n`, 6)
  t.match(said, /^250 ok\r\n250 ok\r\n250 14 octets received\r\n250 5 octets received\r\n250 ok \d+ qp \S+\r\n250 ok\r\n$/)
  t.equal(lastQueued(home), 'Subject: s\n\nhello world\n')
  t.equal(await client.ask('BDAT 0 LAST\r\n'), '503 BDAT after LAST (#5.5.1)\r\n')
  t.match(await client.ask(`${envelope}BDAT 0 LAST\r\n`, 3), /^250 ok\r\n250 ok\r\n250 ok \d+ qp/)
})

t.test('however a message is cut, it becomes the file that DATA makes of it', async (t) => {
  const { home, come } = await door(t)
  const client = await come()
  const corpus = [
    'Subject: s\r\n\r\nx\r\n',
    '\r\n',
    '.\r\n..\r\nA: .\r\n\r\n.\r\n',
    'a\rb\0\r\r\n\r\n\xff\r\n',
    'Received: x\r\n\r\n\r\n\r\n',
  ]
  for (const message of corpus) {
    await client.ask(`${envelope}DATA\r\n`, 3)
    await client.ask(`${message.replace(/^\./gm, '..')}.\r\n`)
    const byData = lastQueued(home)
    for (const length of [1, 2, 3, 7, 1000]) {
      const chunks = message.match(new RegExp(`[^]{1,${length}}`, 'g')) ?? []
      const wire = chunks.map((chunk, index) => `BDAT ${chunk.length}${index === chunks.length - 1 ? ' last' : ''}\r\n${chunk}`).join('')
      t.match(
        await client.ask(envelope + wire, 2 + chunks.length),
        new RegExp(`${octets(...chunks.slice(1).map(() => length))}250 ok \\d+ qp`),
      )
      t.equal(lastQueued(home), byData, `${JSON.stringify(message)} in pieces of ${length}`)
    }
  }
})

t.test('chunks that nobody wants are read to their end, and none of their bytes is obeyed', async (t) => {
  const { home, come } = await door(t, { databytes: '20\n' })
  const client = await come()
  t.equal(await client.ask('BDAT 6 LAST\r\nRSET\r\nNOOP\r\n', 2), '503 MAIL first (#5.5.1)\r\n250 ok\r\n')
  await client.ask('MAIL FROM:<s@far.example>\r\n')
  t.equal(await client.ask('BDAT 6\r\nRSET\r\nNOOP\r\n', 2), '503 RCPT first (#5.5.1)\r\n250 ok\r\n')
  const tooBig = '552 sorry, that message size exceeds my databytes limit (#5.3.4)\r\n'
  t.equal(
    await client.ask(`${envelope}BDAT 30\r\n${'QUIT\r\n'.repeat(5)}BDAT 6 LAST\r\nQUIT\r\n`, 4),
    `250 ok\r\n250 ok\r\n${tooBig}503 MAIL first (#5.5.1)\r\n`,
  )
  t.equal(await client.ask(`${envelope}BDAT 30 LAST\r\n${'QUIT\r\n'.repeat(5)}NOOP\r\n`, 4), `250 ok\r\n250 ok\r\n${tooBig}250 ok\r\n`)
  t.same(home.queued(), [], 'nothing was queued')
})

t.test('RSET, EHLO and MAIL throw away the chunks that have come; DATA and RCPT find no place among them', async (t) => {
  const { home, come } = await door(t)
  const client = await come()
  for (const [command, answer] of [
    ['RSET', '250 flushed\r\n'],
    ['HELO x', '250 test.example\r\n'],
    ['MAIL FROM:<>', '250 ok\r\n'],
  ] as const) {
    await client.ask('EHLO x\r\n')
    await client.ask(`${envelope}BDAT 3\r\n\r\nx`, 3)
    t.equal(await client.ask('DATA\r\n'), '503 DATA after BDAT (#5.5.1)\r\n')
    t.equal(await client.ask('RCPT TO:<q@test.example>\r\n'), '503 MAIL first (#5.5.1)\r\n')
    t.equal(await client.ask(`${command}\r\n`), answer)
    t.match(await client.ask('BDAT 0 LAST\r\n'), /^50[23] /, command)
  }
  t.same(home.queued(), [])
})

t.test('a chunk has 2,147,483,648 bytes at most; after any other size nobody knows where commands go on', async (t) => {
  const { come } = await door(t)
  const good = await come()
  good.send(`${envelope}BDAT ${smtpChunkBytes}\r\n`)
  t.equal(await good.replies(2), '250 ok\r\n250 ok\r\n', 'it is waited for')
  for (const bad of [smtpChunkBytes + 1, '18446744073709551617', '-1', '0x10', '', '5 LAST LAST', 'LAST', '1e3', '9'.repeat(400)]) {
    const client = await come()
    t.match(await client.ask(`${envelope}BDAT ${bad}\r\nNOOP\r\n`, 9), /501 BDAT has a size of at most 2147483648[^\n]*\n$/, `${bad}`)
  }
})

t.test('a bare LF in a chunk ends the session; dots, CRs and NULs are ordinary bytes there', async (t) => {
  const { home, come } = await door(t)
  const client = await come()
  t.match(await client.ask(`${envelope}BDAT 12 LAST\r\n\r\nx\n.\nMAIL\r\n`, 9), /451 See https:\/\/cr\.yp\.to\/docs\/smtplf\.html\.\r\n$/)
  t.same(home.queued(), [])
  const other = await come()
  await other.ask(`${envelope}BDAT 16 LAST\r\n\r\na\r.\r\0\r\n.\r\nQUIT`, 3)
  t.equal(lastQueued(home), '\na\r.\r\0\n.\nQUIT\n')
})

t.test('after HELO, and without control/esmtp, there is no BDAT', async (t) => {
  for (const [esmtp, hello] of [
    ['1\n', 'HELO'],
    ['0\n', 'EHLO'],
  ] as const) {
    const { come } = await door(t, { esmtp })
    const client = await come()
    await client.ask(`${hello} x\r\n`)
    t.equal(await client.ask('BDAT 0 LAST\r\n'), '502 unimplemented (#5.5.1)\r\n')
  }
})
