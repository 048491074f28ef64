import { spawnSync } from 'node:child_process'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { bin, environmentOf, scratchHome } from '../../../store/queue/test/support/scratch.ts'

function qstat(home: string): { status: number | null; output: string; complaint: string } {
  const { status, stdout, stderr } = spawnSync(join(bin, 'qstat'), { env: environmentOf(home) })
  return { status, output: String(stdout), complaint: String(stderr) }
}

t.test('qstat counts messages, and those in todo/', async (t) => {
  const home = scratchHome(t)
  for (const path of ['mess/0/23', 'mess/11/1000', 'mess/11/1023', 'todo/23']) writeFileSync(join(home, 'queue', path), '')
  const output = 'messages in queue: 3\nmessages in queue but not yet preprocessed: 1\n'
  t.same(qstat(home), { status: 0, output, complaint: '' })
})

t.test('qstat exits 111 with one line where something is missing', async (t) => {
  const home = scratchHome(t)
  rmSync(join(home, 'queue/mess/22'), { recursive: true })
  t.same(qstat(home), { status: 111, output: '', complaint: `qstat: unable to read ${home}/queue/mess/22: file does not exist\n` })
  rmSync(home, { recursive: true })
  t.match(qstat(home), { status: 111, complaint: /^qstat: unable to switch to home directory .*\n$/ })
})
