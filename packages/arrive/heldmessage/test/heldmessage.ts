import { readdirSync } from 'node:fs'
import { heldMessageBytes } from '@yabumi/limits'
import t from 'tap'
import { HeldMessage } from '../src/index.ts'

const inFile = (): number => readdirSync('/proc/self/fd').length
const dropped = { status: '4.3.0', message: 'unable to read a message that was kept: it was dropped' }

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
    t.throws(() => [...held.pieces()], dropped)
  }
})

t.test('whoever reads a message while it is dropped gets trouble, never a part that looks whole', async (t) => {
  for (const [length, readBefore] of [
    [heldMessageBytes, 1],
    [heldMessageBytes, 7], // the last of all in memory
    [5 * heldMessageBytes, 6], // the last before the file
    [5 * heldMessageBytes, 7],
    [5 * heldMessageBytes, 11], // the last of all in the file
  ] as const) {
    const held = new HeldMessage([t.testdir()])
    const pieces = Math.ceil(length / 10_007)
    for (let piece = 0; piece < pieces; piece++) held.write(Buffer.alloc(Math.min(10_007, length - piece * 10_007)))
    const reader = held.pieces()
    for (let read = 0; read < readBefore; read++) t.equal(reader.next().done, false)
    held.drop()
    t.throws(() => reader.next(), dropped)
  }
})

t.test('a message that cannot be kept is trouble', async (t) => {
  const held = new HeldMessage(['/nowhere', t.testdir({ file: '' })].map((path) => `${path}/file`))
  held.write(Buffer.alloc(heldMessageBytes))
  t.throws(() => held.write(Buffer.alloc(1)), { status: '4.3.0', message: /^unable to keep a message: / })
  held.drop()
})
