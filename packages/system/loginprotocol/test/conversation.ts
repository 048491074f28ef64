/** The records, the descriptors that follow them, and the waits that end. */
import {
  closeSync,
  existsSync,
  fstatSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readlinkSync,
  readSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs'
import { createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loginRecordBytes } from '@yabumi/limits'
import { CallerSocket, Conversation, LoginAttempt } from '@yabumi/loginprotocol'
import { makePipe, openInotify, socketPair } from '@yabumi/posix'
import t, { type Test } from 'tap'
import { until } from '../../../../test/support/wait.ts'
import { encodeRecord, RecordReader } from '../src/record.ts'

const own = process.getuid?.() ?? 0
const scratch = mkdtempSync(join(tmpdir(), 'yabumi-login-'))
t.teardown(() => rmSync(scratch, { recursive: true }))
process.chdir(scratch)
let sockets = 0

/** A socket whose calls go to `answer`, and a caller of it. */
async function call(
  t: Test,
  answer: (conversation: Conversation) => Promise<void>,
  mayCall: (uid: number) => boolean = (uid) => uid === own,
): Promise<Conversation> {
  sockets += 1
  const path = `${sockets}.sock`
  const socket = await CallerSocket.open(path)
  t.teardown(() => socket.close())
  socket.answerWith({ connectionsPerCaller: 10, mayCall, answer, refused: () => undefined })
  const conversation = await Conversation.connect(path)
  t.teardown(() => conversation.close())
  return conversation
}

t.test('a record comes back as it was said, in any pieces', async (t) => {
  const fields = ['login', 'pass', 'k\xf6ma', '', ' two  words ', 'x'.repeat(300)]
  const bytes = encodeRecord(fields)
  const reader = new RecordReader()
  for (let at = 0; at < bytes.length; ) {
    const copied = bytes.copy(reader.room, 0, at, at + Math.min(3, reader.room.length))
    at += copied
    t.same(reader.take(copied), at === bytes.length ? fields : undefined)
  }
})

t.test('a record at the limit is one, a byte more is none, and neither is one with a NUL in a field', async (t) => {
  t.equal(encodeRecord(['x'.repeat(loginRecordBytes - 1)]).length, loginRecordBytes + 2)
  t.throws(() => encodeRecord(['x'.repeat(loginRecordBytes)]), RangeError)
  t.throws(() => encodeRecord(['a\0b']), RangeError)
  for (const head of [0, loginRecordBytes + 1, 65_535]) {
    const reader = new RecordReader()
    reader.room.writeUInt16BE(head)
    t.throws(() => reader.take(2), RangeError, String(head))
  }
})

t.test('descriptors follow their record, in order, whatever is said behind them', async (t) => {
  const pairs = [socketPair(), socketPair()]
  const heard: string[] = []
  const conversation = await call(t, async (called) => {
    t.same(await called.record(60), ['take', 'two'])
    for (let n = 0; n < 2; n += 1) {
      const fd = await called.descriptor('socket')
      writeSync(fd, String(n))
      closeSync(fd)
    }
    heard.push(...((await called.record(60)) ?? []))
    await called.say(['taken'])
  })
  await conversation.say(['take', 'two'], ...pairs.map(([, theirs]) => theirs))
  await conversation.say(['more'])
  t.same(await conversation.record(60), ['taken'])
  t.same(heard, ['more'])
  for (const [n, [ours, theirs]] of pairs.entries()) {
    const byte = Buffer.alloc(4)
    t.ok(fstatSync(theirs), 'it is still open here')
    t.equal(byte.toString('latin1', 0, readSync(ours, byte)), String(n))
    for (const fd of [ours, theirs]) closeSync(fd)
  }
})

t.test('bytes in the place of a descriptor are none', async (t) => {
  let problem: unknown
  const conversation = await call(t, async (called) => {
    await called.record(60)
    await called.descriptor('socket').catch((error: unknown) => {
      problem = error
    })
    await called.say(['well'])
  })
  await conversation.say(['take'])
  await conversation.say(['not a descriptor'])
  t.same(await conversation.record(60), ['well'])
  t.match(String(problem), /sent no descriptor/)
})

t.test('what could wait for its maker is neither asked nor closed, and nothing more is heard of who sent it', async (t) => {
  const [kept, { read, write }] = [openSync('kept', 'w'), makePipe()]
  for (const [fd, kind] of [
    [kept, 'socket'],
    [read, 'socket'],
    [kept, 'watch'],
    [socketPair()[0], 'watch'],
  ] as const) {
    const what = readlinkSync(`/proc/self/fd/${fd}`)
    const heard = Promise.withResolvers<unknown>()
    const conversation = await call(t, async (called) => {
      await called.record(60)
      await called.descriptor(kind).catch(heard.resolve)
      t.ok(called.isOver)
    })
    const open = (): number => readdirSync('/proc/self/fd').filter((each) => linkOf(each) === what).length
    const before = open()
    await conversation.say(['take'], fd)
    t.match(String(await heard.promise), `sent no ${kind}, which stays open: `)
    t.equal(open(), before + 1, what)
    t.equal(await conversation.record(60), undefined)
  }
  for (const fd of [read, write]) closeSync(fd)
  const bell = openInotify()
  const conversation = await call(t, async (called) => {
    await called.record(60)
    closeSync(await called.descriptor('watch'))
    await called.say(['taken'])
  })
  await conversation.say(['take'], bell)
  t.same(await conversation.record(60), ['taken'])
  closeSync(bell)
})

/** @returns undefined for one that has just been closed */
function linkOf(fd: string): string | undefined {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`)
  } catch {
    return undefined
  }
}

t.test('who may not call is closed unheard', async (t) => {
  let answered = false
  const answer = async (): Promise<void> => {
    answered = true
  }
  const conversation = await call(t, answer, () => false)
  t.equal(await conversation.record(60), undefined)
  t.notOk(answered)
})

t.test('a call that says nothing is over when its time is', async (t) => {
  let record: unknown = 'none yet'
  const conversation = await call(t, async (called) => {
    record = await called.record(0.01)
  })
  t.equal(await conversation.record(60), undefined)
  t.equal(record, undefined)
})

t.test('a caller with too many connections is closed, and heard again when others have gone', async (t) => {
  const refused: number[] = []
  const socket = await CallerSocket.open('many.sock')
  t.teardown(() => socket.close())
  socket.answerWith({
    connectionsPerCaller: 3,
    mayCall: () => true,
    answer: async (called) => {
      while ((await called.record(60)) !== undefined) await called.say(['heard'])
    },
    refused: (uid) => refused.push(uid),
  })
  const talk = async (): Promise<{ conversation: Conversation; heard: unknown }> => {
    const conversation = await Conversation.connect('many.sock')
    t.teardown(() => conversation.close())
    await conversation.say(['hello']).catch(() => undefined)
    return { conversation, heard: await conversation.record(60) }
  }
  const three = [await talk(), await talk(), await talk()]
  for (const { heard } of three) t.same(heard, ['heard'])
  t.equal((await talk()).heard, undefined)
  t.same(refused, [own])
  three[0]?.conversation.close()
  await until('there is room again', async () => (await talk()).heard !== undefined)
})

t.test('a socket of one account’s is that account’s alone', async (t) => {
  const socket = await CallerSocket.open('own.sock', { uid: own, gid: process.getgid?.() ?? 0 })
  t.equal(statSync('own.sock').mode & 0o777, 0o600)
  socket.close()
  t.notOk(existsSync('own.sock'))
})

t.test('a front without authd greets without a challenge, and hears trouble for a login', async (t) => {
  const attempt = await LoginAttempt.begin('host')
  t.equal(attempt.challenge, undefined)
  const outcome = await attempt.logIn({ method: 'pass', login: 'a', secret: 'b' }, '192.0.2.1', ['pop3d'], 0)
  t.match(outcome, { kind: 'trouble', text: /^unable to ask authd: / })
})

t.test('an authd that goes, or talks nonsense, is trouble, never a wrong password', async (t) => {
  for (const [what, answer, text] of [
    ['gone', (socket: Socket) => socket.destroy(), /./],
    ['gone when asked', (socket: Socket) => socket.once('data', () => socket.end()), /did not answer/],
    ['no record', (socket: Socket) => socket.once('data', () => socket.end('wrong\0')), /did not answer/],
    ['another answer', (socket: Socket) => socket.once('data', () => socket.end(encodeRecord(['surprise']))), /did not answer/],
    ['trouble', (socket: Socket) => socket.once('data', () => socket.end(encodeRecord(['trouble', 'for a reason']))), /for a reason/],
  ] as const) {
    const server = createServer((socket) => answer(socket.on('error', () => undefined)))
    await new Promise<void>((resolve) => server.listen('authd.sock', resolve))
    const pipe = makePipe()
    const attempt = await LoginAttempt.begin('host')
    const outcome = await attempt.logIn({ method: 'pass', login: 'a', secret: 'b' }, '192.0.2.1', ['pop3d'], pipe.write)
    t.match(outcome, { kind: 'trouble', text }, what)
    for (const fd of [pipe.read, pipe.write]) closeSync(fd)
    await new Promise((resolve) => server.close(resolve))
  }
})
