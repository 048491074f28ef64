import fc from 'fast-check'
import t from 'tap'
import { CommandReader } from '../src/command.ts'

const cases: [string, unknown][] = [
  ['foop/1\0', { verb: 'foop', id: '1' }],
  ['todo/457\0', { verb: 'todo', id: '457' }],
  ['todo:457\0', { verb: 'todo', id: '457' }],
  ['foop/00457\0', { verb: 'foop', id: '457' }],
  ['foop/18446744073709551615\0', { verb: 'foop', id: '18446744073709551615' }],
  ['foop:457\0', 'nonsense'],
  ['foop/\0', 'nonsense'],
  ['foop/1x\0', 'nonsense'],
  ['foop/-1\0', 'nonsense'],
  ['foop/../../etc\0', 'nonsense'],
  ['mess/457\0', 'nonsense'],
  ['todo1\0', 'nonsense'],
  ['\0', 'nonsense'],
  [`foop/${'1'.repeat(94)}\0`, { verb: 'foop', id: BigInt.asUintN(64, BigInt('1'.repeat(94))).toString() }],
  [`foop/${'1'.repeat(95)}\0`, 'nonsense'],
]
for (const [wire, command] of cases) {
  t.test(`clean understands ${JSON.stringify(wire.slice(0, 40))}`, async (t) => {
    t.same(new CommandReader().read(Buffer.from(wire)), [command])
  })
}

t.test('clean understands the same however the stream is cut', async (t) => {
  const piece = fc.constantFrom('foop/', 'todo/', '1', '23', '\0', 'x', '7'.repeat(60))
  const wire = fc.array(piece, { maxLength: 30 }).map((pieces) => Buffer.from(pieces.join('')))
  fc.assert(
    fc.property(wire, fc.array(fc.nat(1_000), { maxLength: 8 }), (wire, cuts) => {
      const whole = new CommandReader().read(wire)
      const reader = new CommandReader()
      const ends = [...new Set(cuts.map((cut) => cut % (wire.length + 1)))].sort((a, b) => a - b)
      let start = 0
      const commands = [...ends, wire.length].flatMap((end) => {
        const found = reader.read(wire.subarray(start, end))
        start = end
        return found
      })
      t.same(commands, whole)
      t.equal(commands.length, wire.filter((byte) => byte === 0).length, 'one answer a NUL')
    }),
    { seed: 20261122 },
  )
})

t.test('a command that never ends costs no memory', async (t) => {
  const reader = new CommandReader()
  const chunk = Buffer.alloc(65_536, 'x')
  const before = process.memoryUsage().arrayBuffers
  for (let i = 0; i < 1_000; i += 1) t.same(reader.read(chunk), [])
  t.ok(process.memoryUsage().arrayBuffers - before < 10_000_000)
  t.same(reader.read(Buffer.from('\0foop/1\0')), ['nonsense', { verb: 'foop', id: '1' }])
})
