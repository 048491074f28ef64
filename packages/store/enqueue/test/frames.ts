import fc from 'fast-check'
import t from 'tap'
import { FrameError, FrameReader, frame, frameHeader, type Letter } from '../src/index.ts'

/** Read bytes cut at some places. @returns the frames; pieces of M and E put together */
function read(bytes: Buffer, cuts: readonly number[] = []): [Letter, string][] {
  const frames: [Letter, string][] = []
  let streaming = ''
  const reader = new FrameReader((letter, body) => {
    if (letter === 'M' || letter === 'E') streaming += body.toString('latin1')
    else frames.push([letter, streaming + body.toString('latin1')])
    if (letter !== 'M' && letter !== 'E') streaming = ''
  })
  const ends = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].sort((a, b) => a - b)
  let start = 0
  for (const end of [...ends, bytes.length]) {
    reader.read(Buffer.from(bytes.subarray(start, end)))
    start = end
  }
  return frames
}

const latin1 = fc.uint8Array({ maxLength: 50 }).map((bytes) => Buffer.from(bytes).toString('latin1'))
const message = fc.record({
  role: fc.constantFrom('', 'network', 'bounce'),
  bodies: fc.array(latin1, { maxLength: 5 }),
  end: fc.constantFrom<Letter>('C', 'A'),
})

t.test('frames come out as they went in, however the stream is cut', async (t) => {
  fc.assert(
    fc.property(fc.array(message, { maxLength: 4 }), fc.array(fc.nat(500), { maxLength: 8 }), (messages, cuts) => {
      const bytes = messages.flatMap(({ role, bodies, end }) => [
        frame('S', role),
        ...bodies.flatMap((body) => [frameHeader('M', body.length), Buffer.from(body, 'latin1')]),
        frame(end),
      ])
      const expected = messages.flatMap(({ role, bodies, end }) => [
        ['S', role],
        [end, bodies.join('')],
      ])
      t.same(read(Buffer.concat(bytes), cuts), expected)
    }),
    { seed: 20261122 },
  )
})

t.test('any bytes are frames or a FrameError', async (t) => {
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 100 }),
    fc.uint8Array({ maxLength: 100 }).map((array) => Uint8Array.from([0x4d, 0, 0, ...array])),
  )
  fc.assert(
    fc.property(bytes, fc.array(fc.nat(100), { maxLength: 4 }), (array, cuts) => {
      try {
        read(Buffer.from(array), cuts)
      } catch (error) {
        if (!(error instanceof FrameError)) throw error
      }
    }),
    { seed: 20261122 },
  )
  t.pass()
})

t.test('a frame may be as long as the limit, and no longer', async (t) => {
  t.same(read(Buffer.concat([frameHeader('M', 65_536), Buffer.alloc(65_536, 'x'), frame('C')])), [['C', 'x'.repeat(65_536)]])
  t.throws(() => read(frameHeader('M', 65_537)), FrameError)
  t.same(read(Buffer.concat([frameHeader('Q', 512), Buffer.alloc(512, 'x')])), [['Q', 'x'.repeat(512)]])
  t.throws(() => read(frameHeader('Q', 513)), FrameError)
})

t.test('an unknown letter is no frame', async (t) => {
  t.same(read(frame('C')), [['C', '']])
  t.throws(() => read(Buffer.from('B\0\0\0')), FrameError)
})
