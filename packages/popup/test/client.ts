import { spawn } from 'node:child_process'
import { closeSync } from 'node:fs'
import { join } from 'node:path'
import { makePipe } from '@yabumi/posix'
import t from 'tap'

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
