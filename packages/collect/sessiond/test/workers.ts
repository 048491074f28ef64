/** Workers that are a user's own program: what they give back when a session rests. */
import { spawn } from 'node:child_process'
import { closeSync, existsSync, mkdtempSync, openSync, readdirSync, readlinkSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { socketPair } from '@yabumi/posix'
import t from 'tap'
import { Workers } from '../src/workers.ts'

const scratch = mkdtempSync(join(tmpdir(), 'yabumi-workers-'))
t.teardown(() => rmSync(scratch, { recursive: true }))

/** Serves one session, which rests at once; what it gives for a watch is open as descriptor 4. */
const program = `
import { closeSync } from 'node:fs'
import { Conversation } from '@yabumi/loginprotocol'
const conversation = Conversation.accepted(3)
const [, id] = await conversation.record(60)
closeSync(await conversation.descriptor('socket'))
await conversation.say(['began', id])
await conversation.say(['parked', id, 'state', 'sign', 'word', '1'], 4)
await conversation.record(60)
process.exit()
`

t.test('a file in the place of a watch ends the worker, and is neither asked nor closed', async (t) => {
  const path = join(scratch, 'slow')
  const file = openSync(path, 'w')
  const [ours, theirs] = socketPair()
  const args = ['--disable-warning=ExperimentalWarning', '--input-type=module', '-e', program]
  const start = async (control: number) =>
    spawn(process.execPath, args, { cwd: import.meta.dirname, stdio: ['ignore', 'ignore', 2, control, file] })
  const serving = await new Workers().serve('kyoma', start, ['session', 'tag'], theirs)
  closeSync(file)
  let rested = false
  void serving.rests?.then(() => {
    rested = true
  })
  t.equal(await serving.over, 'the worker ended')
  t.notOk(rested)
  const kept = readdirSync('/proc/self/fd').filter(
    (fd) => existsSync(`/proc/self/fd/${fd}`) && readlinkSync(`/proc/self/fd/${fd}`) === path,
  )
  t.equal(kept.length, 1, 'even its close could wait for whoever serves it')
  for (const fd of [ours, theirs, ...kept.map(Number)]) closeSync(fd)
})
