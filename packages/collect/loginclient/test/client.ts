import { spawn } from 'node:child_process'
import { closeSync } from 'node:fs'
import { join } from 'node:path'
import { popRestSeconds } from '@yabumi/limits'
import { makePipe, socketPair } from '@yabumi/posix'
import t from 'tap'
import { Client } from '../src/client.ts'

const talk = join(import.meta.dirname, 'fixtures/talk.ts')

t.test('a client that takes nothing is left when the silence has lasted', async (t) => {
  const child = spawn(process.execPath, [talk, '0'], { stdio: ['pipe', 'inherit', 'inherit'] })
  t.teardown(() => child.kill('SIGKILL'))
  t.equal(await new Promise((resolve) => child.on('exit', resolve)), 7)
})

t.test('so is one behind pipes', async (t) => {
  const [input, output] = [makePipe(true), makePipe(true)]
  const child = spawn(process.execPath, [talk, '1'], { stdio: [input.read, output.write, 'inherit'] })
  t.teardown(() => child.kill('SIGKILL'))
  t.equal(await new Promise((resolve) => child.on('exit', resolve)), 7)
  for (const fd of [input.read, input.write, output.read, output.write]) closeSync(fd)
})

t.test('a client gives way once it has had the time for a login, and once', async (t) => {
  const [ours, theirs] = socketPair()
  const began = performance.now()
  const client = new Client(ours, ours, 600)
  const line = client.nextLine()
  t.equal(client.giveWay(began + popRestSeconds * 1000 - 1), false)
  t.equal(client.noLine, undefined)
  t.equal(client.giveWay(performance.now() + popRestSeconds * 1000), true)
  t.equal(await line, undefined)
  t.equal(client.noLine, 'crowded')
  t.equal(client.giveWay(performance.now() + popRestSeconds * 1000), false, 'it is on its way already')
  client.release()
  closeSync(theirs)
})
