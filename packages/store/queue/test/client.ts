import { createServer } from 'node:net'
import { join } from 'node:path'
import { frame } from '@yabumi/enqueue'
import { deathSeconds, queueRestSeconds } from '@yabumi/limits'
import { copyDescriptor, descriptorOf } from '@yabumi/posix'
import t, { type Test } from 'tap'
import { Client } from '../src/client.ts'
import { Complaints } from '../src/complaint.ts'
import { GroupCommit } from '../src/groupcommit.ts'
import { Spares } from '../src/spares.ts'
import { Taps } from '../src/taps.ts'
import { bodyFrame, messageFrames, PlainClient } from './support/client.ts'
import { messageFiles, myUid, scratchHome, until } from './support/scratch.ts'

const envelope = 'Fs@x.example\0Tr@y.example\0'
const day = deathSeconds * 1000

/** Both ends of a connection to the socket of a home; the server's end is in this process. */
async function connected(t: Test, home: string): Promise<{ plain: PlainClient; client: Client }> {
  process.chdir(join(home, 'queue'))
  const server = createServer({ pauseOnConnect: true })
  const accepted = new Promise<Client>((resolve) => {
    server.once('connection', (socket) => {
      const roles = { queue: myUid, send: myUid, alias: myUid, smtp: myUid, submit: myUid }
      const todo = new GroupCommit()
      const shared = {
        roles,
        todo,
        spares: new Spares(todo),
        complaints: new Complaints(home, (line) => t.fail(line)),
        taps: new Taps(() => undefined),
      }
      resolve(new Client(copyDescriptor(descriptorOf(socket)), myUid, shared, () => server.close()))
      socket.destroy()
    })
  })
  await new Promise<void>((resolve) => server.listen(join(home, 'queue.sock'), resolve))
  const plain = new PlainClient(home)
  t.teardown(() => {
    plain.socket.destroy()
    server.close()
    process.chdir('/')
  })
  return { plain, client: await accepted }
}

t.test('a message that has taken a day is answered 52 and dropped', async (t) => {
  const home = scratchHome(t)
  const { plain, client } = await connected(t, home)
  plain.send(frame('S'), bodyFrame('M', 'x'.repeat(65_536)))
  await until(() => messageFiles(home).length === 1)
  client.expire(performance.now(), deathSeconds)
  t.equal(client.state, 'receiving', 'not yet')
  client.expire(performance.now() + day, deathSeconds)
  t.equal((await plain.answer(1))?.code, 52)
  await plain.closed()
  t.same(messageFiles(home), [])
})

t.test('an idle connection may last for ever', async (t) => {
  const home = scratchHome(t)
  const { plain, client } = await connected(t, home)
  plain.send(messageFrames('x\n', envelope))
  await plain.answer(1)
  client.expire(performance.now() + 100 * day, deathSeconds)
  plain.send(messageFrames('x\n', envelope))
  t.equal((await plain.answer(2))?.code, 0)
})

t.test('a client gives way while it rests, and in a message of which nothing has come for a while', async (t) => {
  const home = scratchHome(t)
  const idle = await connected(t, home)
  t.equal(idle.client.giveWay(), true)
  await idle.plain.closed()
  const other = scratchHome(t)
  const { plain, client } = await connected(t, other)
  plain.send(frame('S'), bodyFrame('M', 'x'.repeat(65_536)))
  await until(() => messageFiles(other).length === 1)
  t.equal(client.giveWay(), false)
  t.equal(client.giveWay(performance.now() + queueRestSeconds * 1000 + 1), true)
  await plain.closed()
  t.same(messageFiles(other), [])
})

t.test('a client that is told to leave now drops what is not complete', async (t) => {
  const home = scratchHome(t)
  const { plain, client } = await connected(t, home)
  plain.send(frame('S'), bodyFrame('M', 'x'.repeat(65_536)))
  await until(() => messageFiles(home).length === 1)
  client.leave('then')
  t.equal(client.state, 'receiving')
  client.leave('now')
  await plain.closed()
  t.same(plain.answers, [])
  t.same(messageFiles(home), [])
})

t.test('a message whose client has gone after C is queued all the same', async (t) => {
  const home = scratchHome(t)
  const { plain } = await connected(t, home)
  plain.socket.end(messageFrames('x\n', envelope))
  t.equal((await plain.answer(1))?.code, 0)
  t.equal(messageFiles(home).length, 2)
})
