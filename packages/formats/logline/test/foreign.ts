import { PassThrough } from 'node:stream'
import fc from 'fast-check'
import t from 'tap'
import { type ForeignLimits, ForeignLines, LineSplitter, parseLogLine } from '../src/index.ts'

/** What the log has of some texts that one program wrote. */
async function logOf(texts: readonly (string | Buffer)[], limits?: ForeignLimits): Promise<string[]> {
  const log: string[] = []
  const stream = new PassThrough()
  const done = new ForeignLines((line) => log.push(line), limits).passOn(stream, 'lspawn: uid 7')
  for (const text of texts) stream.write(text)
  stream.end()
  await done
  return log
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

t.test('each line of a stranger says whose it is and is one printable word', async (t) => {
  t.same(await logOf(['one two\nsend: end msg 5\n', 'no end']), [
    'lspawn: uid 7: one_two',
    'lspawn: uid 7: send:_end_msg_5',
    'lspawn: uid 7: no_end',
  ])
  t.same(await logOf([Buffer.from('\x1b[2J\x9b1m\r\0\x7f\xc3\xa9%\n', 'latin1')]), ['lspawn: uid 7: _[2J_1m______'])
})

t.test('no line of a stranger is read as words of send', async () => {
  const text = fc.string({
    unit: fc.constantFrom('\n', '\r', '\t', ' ', 'end msg 5', 'delivery 3: success: ', 'new msg 7', 'send: ', '\x1b'),
  })
  await fc.assert(
    fc.asyncProperty(text, async (written) => (await logOf([written])).every((line) => parseLogLine(line) === undefined)),
    { seed: 9, numRuns: 500 },
  )
})

t.test('a line of a stranger comes in pieces beyond its limit', async (t) => {
  const limits = { lineBytes: 5, bytes: 10_000, seconds: 60 }
  t.same(await logOf(['12345\n', '123456\n', '12', '3456'], limits), [
    'lspawn: uid 7: 12345',
    'lspawn: uid 7: 12345',
    'lspawn: uid 7: 6',
    'lspawn: uid 7: 12345',
    'lspawn: uid 7: 6',
  ])
})

t.test('what a stranger says beyond its share waits, and is not read meanwhile', async (t) => {
  const log: string[] = []
  const line = 'uid 7: 12345'
  const lines = new ForeignLines((text) => log.push(text), { lineBytes: 5, bytes: 2 * (line.length + 1), seconds: 600 })
  const [first, second, other] = [new PassThrough(), new PassThrough(), new PassThrough()] as const
  for (const [stream, mark] of [
    [first, 'uid 7'],
    [second, 'uid 7'],
    [other, 'uid 8'],
  ] as const) {
    void lines.passOn(stream, mark)
  }
  first.write('12345\n12345\n1\n')
  while (log.length < 3) await nextTurn()
  t.same(log, [line, line, 'uid 7 has said more than 26 bytes within 600 s: the rest waits'])
  while (second.write('12345\n')) await nextTurn()
  t.ok(second.writableNeedDrain, 'another program of the same user waits as well')
  other.write('9\n')
  while (log.length < 4) await nextTurn()
  t.same(log.slice(3), ['uid 8: 9'], 'others do not')
  for (const stream of [first, second, other]) stream.destroy()
})

t.test('what waited comes when its time is there', async (t) => {
  const awake = setInterval(() => {}, 1000) // a share alone keeps no process alive
  const log = await logOf(['x\n'.repeat(20)], { lineBytes: 5, bytes: 40, seconds: 0.001 })
  clearInterval(awake)
  t.equal(log.filter((line) => line === 'lspawn: uid 7: x').length, 20)
  t.ok(log.length > 20)
})

t.test('a stream that is destroyed, or fails, ends without a word', async (t) => {
  const log: string[] = []
  const stream = new PassThrough()
  const done = new ForeignLines((line) => log.push(line)).passOn(stream, 'uid 7')
  stream.destroy(new Error('planted'))
  await done
  t.same(log, [])
})

t.test('lines are the same however a stream was cut', async () => {
  const unit = fc.constantFrom('a', 'b', '\n')
  const property = fc.property(fc.array(fc.string({ unit, maxLength: 12 })), (pieces) => {
    const splitter = new LineSplitter(4)
    const lines = [...pieces.flatMap((piece) => splitter.push(piece)), ...splitter.end()]
    const whole = pieces.join('')
    const expected = whole.split('\n').flatMap((line) => (line === '' ? [''] : (line.match(/.{1,4}/g) ?? [])))
    if (expected.at(-1) === '') expected.pop()
    return JSON.stringify(lines) === JSON.stringify(expected)
  })
  fc.assert(property, { seed: 3, numRuns: 2_000 })
})
