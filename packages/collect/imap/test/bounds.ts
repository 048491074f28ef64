// How long a session may take, and how much may wait for it: clocks are set forward, nobody waits.
import { closeSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { mock } from 'node:test'
import {
  imapOutputBytes,
  imapSilenceSeconds,
  imapStallSeconds,
  imapStillHereSeconds,
  imapTurnMilliseconds,
  imapWorkerSeconds,
  parkedStateBytes,
} from '@yabumi/limits'
import { MailAccount } from '@yabumi/mailfolder'
import { socketPair } from '@yabumi/posix'
import t, { type Test } from 'tap'
import { commands } from '../src/commands/index.ts'
import { Connection } from '../src/connection.ts'
import { rest } from '../src/parking.ts'
import { Session } from '../src/session.ts'
import { Worker } from '../src/worker.ts'

/** Both ends of a connection, the client's as a socket that reads nothing yet. */
function connect(t: Test): { fd: number; client: Socket } {
  const [fd, other] = socketPair()
  const client = new Socket({ fd: other, readable: true, writable: true }).on('error', () => undefined)
  t.teardown(() => client.destroy())
  return { fd, client }
}

/** A session in this process. */
function begin(t: Test): { session: Session; served: Promise<unknown>; client: Socket; heard: () => string } {
  const directory = mkdtempSync(join(tmpdir(), 'yabumi-imap-'))
  for (const part of ['cur', 'new', 'tmp']) mkdirSync(join(directory, part))
  const account = new MailAccount(directory)
  t.teardown(() => {
    account.end()
    rmSync(directory, { recursive: true })
  })
  const { fd, client } = connect(t)
  let text = ''
  client.on('data', (bytes: Buffer) => {
    text += bytes.toString('latin1')
  })
  const session = new Session(new Connection(fd), account, commands, () => undefined)
  return { session, served: session.serve('login'), client, heard: () => text }
}

/** Timers go by tick() until the end of the test. */
function stopClock(t: Test): typeof mock.timers {
  mock.timers.enable({ apis: ['setTimeout', 'setInterval'] })
  t.teardown(() => mock.timers.reset())
  return mock.timers
}

t.test('so long without a command, and it ends with a word', async (t) => {
  const clock = stopClock(t)
  const { session, served, client, heard } = begin(t)
  clock.tick(1000 * imapSilenceSeconds - 1)
  t.notOk(session.isEnding)
  clock.tick(1)
  t.ok(session.isEnding)
  const ended = new Promise((resolve) => client.once('end', resolve))
  await served
  await ended
  t.match(heard(), /\r\n\* BYE [^\n]*\r\n$/)
})

t.test('in IDLE a sign of life comes so often', async (t) => {
  const clock = stopClock(t)
  const { served, client, heard } = begin(t)
  client.write('a IDLE\r\n')
  while (!heard().includes('+ ')) await new Promise((resolve) => client.once('data', resolve))
  clock.tick(1000 * imapStillHereSeconds - 1)
  client.write('DONE\r\nb IDLE\r\n')
  while (heard().split('+ ').length < 3) await new Promise((resolve) => client.once('data', resolve))
  t.notMatch(heard(), 'Still here')
  clock.tick(1000 * imapStillHereSeconds)
  while (!heard().includes('Still here')) await new Promise((resolve) => client.once('data', resolve))
  client.end('DONE\r\nc LOGOUT\r\n')
  await served
  t.equal(heard().split('Still here').length, 2)
})

t.test('a command that has taken so long lets others have their turn', async (t) => {
  let now = 0
  const { session, served, client } = begin(t)
  const watch = mock.method(performance, 'now', () => now)
  t.teardown(() => watch.mock.restore())
  let turns = 0
  const turn = async (): Promise<number> => {
    const before = turns
    const other = setImmediate(() => {
      turns += 1
    })
    await session.breathe()
    clearImmediate(other)
    return turns - before
  }
  now = imapTurnMilliseconds - 1
  t.equal(await turn(), 0)
  now = imapTurnMilliseconds
  t.equal(await turn(), 1)
  client.end()
  await served
})

t.test('a client that takes nothing for so long is cut off, one that has all may be silent', async (t) => {
  const set = mock.method(Socket.prototype, 'setTimeout')
  const { fd } = connect(t)
  const connection = new Connection(fd)
  const [call] = set.mock.calls
  set.mock.restore()
  const socket = call?.this as Socket
  t.equal(call?.arguments[0], 1000 * imapStallSeconds)
  socket.emit('timeout')
  t.notOk(socket.destroyed)
  connection.put(Buffer.alloc(2 * imapOutputBytes))
  socket.emit('timeout')
  t.ok(socket.destroyed)
})

t.test('so much may wait for a client before its command does', async (t) => {
  for (const [bytes, waits] of [
    [imapOutputBytes, false],
    [imapOutputBytes + 1, true],
  ] as const) {
    const { fd, client } = connect(t)
    const connection = new Connection(fd)
    connection.put(Buffer.alloc(bytes))
    let hasRoom = false
    const room = connection.room().then(() => {
      hasRoom = true
    })
    await new Promise((resolve) => setImmediate(resolve))
    t.equal(hasRoom, !waits, String(bytes))
    client.resume()
    await room
    await connection.end()
  }
})

t.test('a worker without a session leaves after so long', async (t) => {
  const clock = stopClock(t)
  const { fd } = connect(t)
  const worker = new Worker(fd, () => ({ serve: async () => undefined, resume: async () => undefined, leave: () => undefined }))
  let isOver = false
  const over = worker.work().then(() => {
    isOver = true
  })
  clock.tick(1000 * imapWorkerSeconds - 1)
  await new Promise((resolve) => setImmediate(resolve))
  t.notOk(isOver)
  clock.tick(1)
  await over
  t.ok(isOver)
})

t.test('a session of which too much would have to be kept is served on', async (t) => {
  const most = (parkedStateBytes / 4) * 3 - JSON.stringify({ idle: '', enabled: [], saved: [] }).length
  for (const [bytes, rests] of [
    [most, true],
    [most + 1, false],
  ] as const) {
    const { session, client } = begin(t)
    session.resting.mayBegin = () => true
    t.equal(await rest(session, 'x'.repeat(bytes)), rests)
    t.equal(session.resting.parked?.state.length, rests ? parkedStateBytes : undefined)
    if (session.resting.parked !== undefined) closeSync(session.resting.parked.connection)
    client.destroy()
  }
})
