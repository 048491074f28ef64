import { readdirSync } from 'node:fs'
import { heldMessageBytes } from '@yabumi/limits'
import t from 'tap'
import { HeldMessage } from '../src/index.ts'

const inFile = (): number => readdirSync('/proc/self/fd').length

t.test('a message is kept as it came, in memory up to the limit and then in a file without a name', async (t) => {
  const directory = t.testdir()
  const descriptors = inFile()
  for (const [length, files] of [
    [heldMessageBytes, 0],
    [heldMessageBytes + 1, 1],
    [5 * heldMessageBytes + 7, 1],
  ] as const) {
    const message = Buffer.from(Array.from({ length }, (_, index) => index % 251))
    const held = new HeldMessage(['/nowhere', directory])
    for (let at = 0; at < length; at += 10_007) {
      const piece = Buffer.from(message.subarray(at, at + 10_007))
      held.write(piece)
      piece.fill(0)
    }
    t.equal(inFile() - descriptors, files)
    t.same(readdirSync(directory), [])
    t.ok(Buffer.concat([...held.pieces()]).equals(message))
    held.drop()
    t.equal(inFile(), descriptors)
    t.same([...held.pieces()], [])
  }
})

t.test('a message that cannot be kept is trouble', async (t) => {
  const held = new HeldMessage(['/nowhere', t.testdir({ file: '' })].map((path) => `${path}/file`))
  held.write(Buffer.alloc(heldMessageBytes))
  t.throws(() => held.write(Buffer.alloc(1)), { status: '4.3.0', message: /^unable to keep a message: / })
  held.drop()
})
