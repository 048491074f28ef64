import { execFileSync, spawnSync } from 'node:child_process'
import { openSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { frame } from '@yabumi/enqueue'
import t, { type Test } from 'tap'
import { bodyFrame, messageFrames, PlainClient } from './support/client.ts'
import { bin, complaintsOf, environmentOf, isRoot, messageFiles, readyListener, scratchDirectory, scratchHome } from './support/scratch.ts'

const envelope = 'Fs@x.example\0Tr@y.example\0'
const skip = !isRoot && 'needs root to mount a small file system'

/** A home on a file system of 2 MB. */
function smallHome(t: Test): string {
  const home = scratchHome(t)
  const mount = join(scratchDirectory(t), 'small')
  execFileSync('mkdir', [mount])
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'none', mount])
  t.teardown(() => execFileSync('umount', ['-l', mount]))
  execFileSync('cp', ['-a', `${home}/.`, mount])
  return mount
}

t.test('queue exits 53 on a full disk and leaves nothing', { skip }, async (t) => {
  const home = smallHome(t)
  const directory = scratchDirectory(t)
  writeFileSync(join(directory, 'mess'), 'x'.repeat(4_000_000))
  writeFileSync(join(directory, 'envelope'), `${envelope}\0`)
  const stdio = [openSync(join(directory, 'mess'), 'r'), openSync(join(directory, 'envelope'), 'r'), 'pipe'] as const
  const { status, stderr } = spawnSync(join(bin, 'queue'), { env: environmentOf(home), stdio: [...stdio] })
  t.equal(status, 53)
  t.equal(String(stderr), '')
  t.same(messageFiles(home), [])
})

t.test('queue --listen answers 53 on a full disk, leaves nothing, and goes on when there is room', { skip }, async (t) => {
  const home = smallHome(t)
  const listener = await readyListener(t, home)
  const client = new PlainClient(home)
  client.send(frame('S'))
  for (let i = 0; i < 50; i += 1) client.send(bodyFrame('M', 'x'.repeat(65_536)))
  t.equal((await client.answer(1))?.code, 53, 'before the end of the message')
  t.same(messageFiles(home), [])
  client.send(bodyFrame('E', envelope), frame('C'))
  client.send(messageFrames('x\n', envelope))
  t.equal((await client.answer(2))?.code, 0)

  const filler = join(home, 'filler')
  spawnSync('dd', ['if=/dev/zero', `of=${filler}`, 'bs=4096'], { stdio: 'ignore' })
  client.send(messageFrames('x\n'.repeat(4_000), envelope))
  t.equal((await client.answer(3))?.code, 53)
  t.equal(messageFiles(home).length, 2, 'the message from before')
  rmSync(filler)
  client.send(messageFrames('x\n'.repeat(4_000), envelope))
  t.equal((await client.answer(4))?.code, 0)
  client.socket.destroy()
  listener.kill('SIGTERM')
  const line = `queue: unable to write in queue/ of ${home}: disk full; messages are turned away for now; make room on its file system\n`
  t.equal(await complaintsOf(listener), line, 'said once')
})

t.test('queue --listen says how much room there is, between messages', { skip }, async (t) => {
  const home = smallHome(t)
  const listener = await readyListener(t, home)
  const client = new PlainClient(home)
  client.send(frame('R'), messageFrames('x\n', envelope))
  t.equal((await client.answer(1))?.code, 0)
  writeFileSync(join(home, 'filler'), Buffer.alloc(1_000_000))
  client.send(frame('R'), messageFrames('x\n', envelope))
  t.equal((await client.answer(2))?.code, 0)
  const [before = 0, after = 0] = client.rooms
  t.ok(before > 1_000_000 && before < 2_097_152, `${before} bytes of 2 MB`)
  t.ok(after <= before - 1_000_000 && after >= before - 1_100_000, `${after} bytes when a million is gone`)
  client.send(frame('S'), frame('R'))
  t.equal((await client.answer(3))?.code, 91, 'not within a message')
  client.socket.destroy()
  listener.kill('SIGTERM')
})
