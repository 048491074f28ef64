import { frame } from '@yabumi/enqueue'
import fc from 'fast-check'
import t, { type Test } from 'tap'
import { bodyFrame, messageFrames, PlainClient } from './support/client.ts'
import { messageFiles, queueFiles, queueText, readyListener, scratchHome, until } from './support/scratch.ts'

const good = messageFrames('Subject: s\n\nhello\n', 'Fs@x.example\0Tr@y.example\0')

/** Send bytes and close this side: answers come to an end. @returns the codes */
async function codesFor(home: string, bytes: Buffer): Promise<number[]> {
  const client = new PlainClient(home)
  client.socket.end(bytes)
  await client.closed()
  return client.answers.map(({ code }) => code)
}

async function serves(t: Test, home: string): Promise<void> {
  const client = new PlainClient(home)
  client.send(good)
  t.equal((await client.answer(1))?.code, 0, 'the next client is served')
  client.socket.destroy()
}

const bytes = fc.uint8Array({ maxLength: 300 }).map((array) => Buffer.from(array))
const someFrame = fc.oneof(
  fc.constantFrom(frame('S'), frame('S', 'network'), frame('C'), frame('A')),
  bytes.map((body) => bodyFrame('M', body)),
  fc.constantFrom('Fs\0', 'Tr\0', 'T', '\0', 'F', 'xyz', '').map((body) => bodyFrame('E', body)),
  bytes,
)
const stream = fc.array(someFrame, { maxLength: 12 }).map((frames) => Buffer.concat(frames))
const damaged = fc.tuple(fc.nat(good.length - 1), fc.nat(255)).map(([at, byte]) => {
  const copy = Buffer.from(good)
  copy[at] = byte
  return copy
})

t.test('queue --listen survives any bytes, and queues only what it has said 0 to', async (t) => {
  const home = scratchHome(t)
  await readyListener(t, home)
  let queued = 0
  const property = fc.asyncProperty(fc.oneof(stream, damaged, bytes), async (input) => {
    const codes = await codesFor(home, input)
    queued += codes.filter((code) => code === 0).length
    return codes.every((code) => [0, 11, 54, 91].includes(code))
  })
  await fc.assert(property, { seed: 20261122, numRuns: 500 })
  await serves(t, home)
  await until(() => queueFiles(home, 'mess').length === queued + 1)
  t.equal(queueFiles(home, 'todo').length, queued + 1)
  t.same([...queueFiles(home, 'pid'), ...queueFiles(home, 'intd')], [])
})

t.test('queue --listen takes a message in single bytes', async (t) => {
  const home = scratchHome(t)
  await readyListener(t, home)
  const client = new PlainClient(home)
  client.socket.setNoDelay()
  for (const byte of good) {
    client.socket.write(Buffer.from([byte]))
    await new Promise((resolve) => setImmediate(resolve))
  }
  t.equal((await client.answer(1))?.code, 0)
  t.match(queueText(home, messageFiles(home)[0] as string), /\nSubject: s\n\nhello\n$/)
  client.socket.destroy()
})

const wrong: [string, Buffer][] = [
  ['a letter that no frame has', Buffer.from('X\0\0\0')],
  ['an answer', frame('Q', '\x000')],
  ['a frame beyond the limit', Buffer.from('M\x01\x00\x01')],
  ['a message without S', bodyFrame('M', 'x')],
  ['an unknown role', frame('S', 'root')],
  ['a long S', frame('S', 'x'.repeat(500))],
  ['C alone', frame('C')],
  ['A alone', frame('A')],
]
for (const [what, input] of wrong) {
  t.test(`queue --listen answers 91 to ${what}, and closes the connection`, async (t) => {
    const home = scratchHome(t)
    await readyListener(t, home)
    const client = new PlainClient(home)
    client.send(input)
    t.equal((await client.answer(1))?.code, 91)
    await client.closed()
    await serves(t, home)
  })
}

t.test('queue --listen answers a message once, whatever follows it', async (t) => {
  const home = scratchHome(t)
  await readyListener(t, home)
  t.same(await codesFor(home, Buffer.concat([good, Buffer.from('garbage')])), [0])
  t.same(await codesFor(home, Buffer.concat([good, good])), [0], 'a second message before the answer is out of turn')
  t.equal(queueFiles(home, 'todo').length, 2)
})

t.test('queue --listen keeps clients that stall from nobody', async (t) => {
  const home = scratchHome(t)
  await readyListener(t, home)
  const stalled = Array.from({ length: 200 }, (_, index) => {
    const client = new PlainClient(home)
    client.send(good.subarray(0, index % good.length))
    return client
  })
  await Promise.all(stalled.map((client) => new Promise((resolve) => client.socket.once('ready', resolve))))
  await serves(t, home)
  t.equal(queueFiles(home, 'todo').length, 1)
  for (const client of stalled) client.socket.destroy()
})
