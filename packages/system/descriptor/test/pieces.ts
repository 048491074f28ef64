import { spawnSync } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { piecesOf } from '../src/index.ts'

async function read(fd: number, filePieceBytes?: number): Promise<string[]> {
  const pieces: string[] = []
  for await (const piece of piecesOf(fd, filePieceBytes)) pieces.push(piece.toString('latin1'))
  return pieces
}

t.test('piecesOf reads a file to its end, so much at a time', async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'descriptor-'))
  t.teardown(() => rmSync(directory, { recursive: true }))
  writeFileSync(join(directory, 'file'), 'abcdefg')
  const fd = openSync(join(directory, 'file'), 'r')
  t.same(await read(fd, 3), ['abc', 'def', 'g'])
  closeSync(fd)
  await t.rejects(read(fd), { code: 'EBADF' })
})

t.test('piecesOf reads a pipe to its end', async (t) => {
  const source = join(import.meta.dirname, '../src/index.ts')
  const script = `import { piecesOf } from ${JSON.stringify(source)}
    for await (const piece of piecesOf(0)) process.stdout.write(piece)`
  const text = 'x\xff\0'.repeat(100_000)
  const { stdout } = spawnSync(process.execPath, ['--no-warnings', '--input-type=module', '-e', script], {
    input: Buffer.from(text, 'latin1'),
    maxBuffer: 1_000_000,
  })
  t.equal(stdout.toString('latin1'), text)
})
