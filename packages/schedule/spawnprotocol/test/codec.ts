import assert from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import { spawnFieldBytes } from '../../../formats/limits/src/index.ts'
import {
  type Command,
  CommandDecoder,
  encodeCommand,
  encodeReport,
  givenBack,
  type Report,
  ReportDecoder,
  type Status,
} from '../src/index.ts'

const byteString = (options: { maxLength: number }) =>
  fc.uint8Array({ ...options }).map((bytes) => Buffer.from(bytes).toString('latin1').replaceAll('\0', 'x'))

/** The same bytes, cut at these places. */
function pieces(bytes: Buffer, cuts: number[]): Buffer[] {
  const places = [0, ...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length].sort((a, b) => a - b)
  return places.slice(1).map((end, index) => bytes.subarray(places[index], end))
}

t.test('commands survive encoding, any bytes in them and any cutting of the stream', async () => {
  const command = fc.record(
    {
      delivery: fc.integer({ min: 0, max: 255 }),
      message: byteString({ maxLength: 20 }),
      sender: byteString({ maxLength: 40 }),
      recipient: byteString({ maxLength: 40 }),
    },
    { noNullPrototype: true },
  )
  fc.assert(
    fc.property(fc.array(command), fc.array(fc.nat(), { maxLength: 12 }), (commands: Command[], cuts) => {
      const decoder = new CommandDecoder()
      const decoded = pieces(Buffer.concat(commands.map((command) => encodeCommand(command))), cuts).flatMap((piece) => decoder.push(piece))
      assert.deepEqual(decoded, commands)
    }),
    { seed: 1, numRuns: 200 },
  )
})

t.test('reports survive encoding, any bytes in them and any cutting of the stream', async () => {
  const report = fc.record(
    {
      delivery: fc.integer({ min: 0, max: 255 }),
      status: fc.constantFrom<Status>('K', 'Z', 'D'),
      text: byteString({ maxLength: 60 }),
    },
    { noNullPrototype: true },
  )
  fc.assert(
    fc.property(fc.array(report), fc.array(fc.nat(), { maxLength: 12 }), (reports, cuts) => {
      const decoder = new ReportDecoder()
      const bytes = Buffer.concat(reports.map(({ delivery, status, text }) => encodeReport(delivery, status, text)))
      const decoded = pieces(bytes, cuts).flatMap((piece) => decoder.push(piece))
      assert.deepEqual(decoded, reports as Report[])
    }),
    { seed: 2, numRuns: 200 },
  )
})

t.test('any bytes at all decode to the same reports and commands, however they are cut', async () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.array(fc.nat(), { maxLength: 20 }), (random, cuts) => {
      const bytes = Buffer.from(random.map((byte) => (byte < 90 ? 0 : byte)))
      const inPieces = new ReportDecoder()
      assert.deepEqual(
        pieces(bytes, cuts).flatMap((piece) => inPieces.push(piece)),
        new ReportDecoder().push(bytes),
      )
      const commandsInPieces = new CommandDecoder()
      assert.deepEqual(
        pieces(bytes, cuts).flatMap((piece) => commandsInPieces.push(piece)),
        new CommandDecoder().push(bytes),
      )
    }),
    { seed: 3, numRuns: 200 },
  )
})

t.test('a report without a status letter is mangled, not lost, and delivery number 0 is no end', async (t) => {
  t.same(new ReportDecoder().push(Buffer.from([0, 0, 0, 75, 0])), [
    { delivery: 0, status: '', text: '' },
    { delivery: 0, status: 'K', text: '' },
  ])
})

t.test('a report longer than 10000 bytes is cut to that, and the next one is whole', async (t) => {
  const decoder = new ReportDecoder()
  const reports: Report[] = []
  const bytes = Buffer.concat([encodeReport(1, 'D', 'x'.repeat(30_000)), encodeReport(2, 'K', 'ok')])
  for (let at = 0; at < bytes.length; at += 7) reports.push(...decoder.push(bytes.subarray(at, at + 7)))
  t.same(reports, [
    { delivery: 1, status: 'D', text: 'x'.repeat(9_998) },
    { delivery: 2, status: 'K', text: 'ok' },
  ])
})

t.test('a field of the limit is taken, one byte more ends the stream before it fills the memory', async (t) => {
  const command = { delivery: 1, message: '1/1', sender: 's', recipient: 'r'.repeat(spawnFieldBytes) }
  t.same(new CommandDecoder().push(encodeCommand(command)), [command])
  t.throws(() => new CommandDecoder().push(encodeCommand({ ...command, recipient: `${command.recipient}r` })), /too long/)
})

t.test('a command in many pieces costs no more than a few looks at each byte', async (t) => {
  const bytes = encodeCommand({ delivery: 7, message: '1/24', sender: 's'.repeat(spawnFieldBytes), recipient: 'r'.repeat(spawnFieldBytes) })
  const looked: number[] = []
  const decoder = new CommandDecoder()
  const commands: Command[] = []
  for (let at = 0; at < bytes.length; at += 100) {
    const piece = bytes.subarray(at, at + 100)
    const indexOf = piece.indexOf.bind(piece) as typeof piece.indexOf
    piece.indexOf = ((...args: Parameters<typeof piece.indexOf>) => {
      looked.push(piece.length - Number(args[1] ?? 0))
      return indexOf(...args)
    }) as typeof piece.indexOf
    commands.push(...decoder.push(piece))
  }
  t.equal(commands.length, 1)
  t.equal(commands[0]?.recipient.length, spawnFieldBytes)
  t.ok(looked.reduce((sum, n) => sum + n, 0) <= 2 * bytes.length, 'steps grow with the length only')
})

t.test("a newcomer is marked by a path that names the same file, and any other command has qmail's bytes", async (t) => {
  const command = { delivery: 7, message: '3/26', sender: 's@x', recipient: 'r@y' }
  t.equal(encodeCommand(command).toString('latin1'), '\x073/26\0s@x\0r@y\0')
  const marked = encodeCommand({ ...command, newcomer: true })
  t.equal(marked.toString('latin1'), '\x073//26\0s@x\0r@y\0')
  t.same(new CommandDecoder().push(Buffer.concat([marked, encodeCommand(command)])), [{ ...command, newcomer: true }, command])
  t.same(new ReportDecoder().push(encodeReport(7, givenBack, '192.0.2.0/24')), [{ delivery: 7, status: 'N', text: '192.0.2.0/24' }])
})
