/** A message that is taken back while its header is judged leaves nothing in the messages of others. */
import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { noFacts } from '@yabumi/facts'
import t from 'tap'
import { queueFiles, queueText, readyListener, scratchHome } from '../../../store/queue/test/support/scratch.ts'
import { Message } from '../src/message.ts'
import { readSettings } from '../src/settings.ts'
import { Transaction } from '../src/transaction.ts'

const home = scratchHome(t)
process.env['YABUMI_HOME'] = home
process.chdir(home)
mkdirSync('control', { recursive: true })
writeFileSync('control/me', 'test.example\n')

/** recipientd, which says yes as soon as it is told to. @returns when it is asked first, and how to tell it */
async function slowDesk(): Promise<{ readonly asked: Promise<unknown>; answer(): void }> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const server = createServer((socket) => socket.once('data', () => void promise.then(() => socket.write(yes))))
  t.teardown(() => server.close())
  server.listen('recipientd.sock')
  await once(server, 'listening')
  return { asked: once(server, 'connection'), answer: resolve }
}

/** A record: `yes`, and as whom. */
const yes = Buffer.from('\x00\x12yes\0eve@x.example\0', 'latin1')

function transaction(): Transaction {
  const begun = new Transaction({ sender: 's@x.example', facts: noFacts }, false, { take: () => true, give: () => undefined })
  begun.add({ address: 'r@test.example', facts: noFacts.message }, 10)
  return begun
}

t.test('the header of a client that has gone goes nowhere', async (t) => {
  await readyListener(t, home)
  const settings = readSettings(new Map(), undefined)
  const { asked, answer } = await slowDesk()
  const message = (): Message => new Message(transaction(), 'Received: x\n', settings)
  const before = message()
  before.take(Buffer.from('Subject: before\r\n\r\n.\r\n'))
  t.match(await before.finish(undefined), /^250/) // its connection is kept for the next message
  const terms = { login: 'eve', fromRule: 'reject', idHost: 'x', hostName: 'x', hidesOrigin: false } as const
  const gone = new Message(transaction(), 'Received: y\n', settings, terms)
  gone.take(Buffer.from('From: eve@x.example\r\nSubject: gone\r\n\r\nx\r\n'))
  await asked
  await gone.abandon()
  const next = message()
  next.take(Buffer.from('Subject: next\r\n\r\n'))
  answer()
  await gone.drained()
  next.take(Buffer.from('text\r\n.\r\n'))
  const verdict = await next.finish(undefined)
  t.match(verdict, /^250/)
  const [, id = ''] = / qp ([0-9]+)/.exec(verdict) ?? []
  t.ok(queueFiles(home, 'todo').includes(`todo/${id}`))
  t.match(queueText(home, `mess/${Number(id) % 23}/${id}`), /\nReceived: x\nSubject: next\n\ntext\n$/)
})
