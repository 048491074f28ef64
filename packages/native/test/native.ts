import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { execa } from 'execa'
import t from 'tap'
import { goldenRuns } from '../../build/src/golden.ts'
import { compiled } from '../src/programs.ts'

const root = join(import.meta.dirname, '../../..')
const native = join(root, 'dist/native')
const skip = existsSync(native) ? false : 'dist/native is not built: make native'
const groups = /\/(inject|fuzz-inject|wrappers|dotqmail|mailbox|rest)\.jsonl$/

t.test('launchers of compiled programs take the native form where it is', async (t) => {
  for (const name of compiled) {
    t.match(
      readFileSync(join(root, 'bin', name), 'utf8'),
      `[ -x "$b/.dist/native" ] && exec "$b/.dist/native" ${name} "$0" "$@"; exec`,
      name,
    )
  }
})

t.test('the native form gives what the vectors say', { skip, timeout: 180_000 }, async (t) => {
  const [args = []] = goldenRuns(root, process.getuid?.() === 0)
  const chosen = args.filter((word) => !word.endsWith('.jsonl') || groups.test(word))
  const { stdout, exitCode } = await execa(join(root, 'test/golden/run'), ['--quiet', ...chosen], { reject: false })
  t.equal(exitCode, 0, stdout)
})
