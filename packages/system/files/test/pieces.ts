import { spawn } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { messagePieces } from '../src/index.ts'

async function all(fd: number): Promise<Buffer> {
  const pieces: Buffer[] = []
  for await (const piece of messagePieces(fd)) pieces.push(piece)
  return Buffer.concat(pieces)
}

t.test('messagePieces reads a file to its end, and keeps each piece apart', async (t) => {
  const text = Array.from({ length: 20_000 }, (_, i) => `line ${i}\n`).join('')
  const fd = openSync(join(t.testdir({ message: text }), 'message'), 'r')
  t.equal((await all(fd)).toString(), text)
  closeSync(fd)
})

t.test('messagePieces waits for a descriptor that does not block', async (t) => {
  const reader = join(import.meta.dirname, 'fixtures/count.ts')
  const child = spawn(process.execPath, [reader], { stdio: ['pipe', 'pipe', 'inherit'] }) // a socket that Node makes non-blocking
  let output = ''
  child.stdout.on('data', (bytes) => {
    output += bytes
    if (output === 'ready\n') child.stdin.end('12345')
  })
  await new Promise((resolve) => child.once('close', resolve))
  t.equal(output, 'ready\n5 bytes\n')
})

t.test('messagePieces throws what read(2) says', async (t) => {
  const fd = openSync(t.testdir({}), 'r')
  await t.rejects(all(fd), { code: 'EISDIR' })
  closeSync(fd)
})
