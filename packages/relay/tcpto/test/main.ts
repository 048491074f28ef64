import { execFileSync, spawnSync } from 'node:child_process'
import { openSync } from 'node:fs'
import { join } from 'node:path'
import { timeoutTableSeconds } from '@yabumi/limits'
import { tryLock } from '@yabumi/posix'
import t from 'tap'

const bin = join(import.meta.dirname, '../../../../bin')

function table(...records: (readonly [address: readonly number[], count: number, time: number])[]): Buffer {
  const bytes = Buffer.alloc(1024)
  records.forEach(([address, count, time], index) => {
    Buffer.from([...address, count]).copy(bytes, 16 * index)
    bytes.writeUInt32LE(time, 16 * index + 8)
  })
  return bytes
}

t.test('tcpto shows the addresses with timeouts, tcpok makes it forget them', async (t) => {
  const tcpto = table(
    [[192, 0, 2, 7], 2, Math.floor(Date.now() / 1000) - 3000],
    [[192, 0, 2, 8], 0, 1],
    [[255, 255, 255, 255], 10, 2 ** 32 - 1],
  )
  const home = t.testdir({ queue: { lock: { tcpto } } })
  const env = { ...process.env, YABUMI_HOME: home }
  const shown = execFileSync(join(bin, 'tcpto'), { env, encoding: 'latin1' })
  t.match(
    shown,
    /^192\.0\.2\.7 timed out 30[0-9][0-9] seconds ago; # recent timeouts: 2\n255\.255\.255\.255 timed out 0 seconds ago; # recent timeouts: 10\n$/,
  )
  t.equal(execFileSync(join(bin, 'tcpok'), { env, encoding: 'latin1' }), '')
  t.equal(execFileSync(join(bin, 'tcpto'), { env, encoding: 'latin1' }), '')
})

t.test('without a table tcpto says so in one line and exits 111', async (t) => {
  const home = t.testdir({ queue: { lock: {} } })
  const at = (program: string, YABUMI_HOME: string) => {
    const { status, stdout, stderr } = spawnSync(join(bin, program), { env: { ...process.env, YABUMI_HOME }, encoding: 'latin1' })
    return { status, stdout, stderr }
  }
  t.same(at('tcpto', home), { status: 111, stdout: 'fatal: unable to open tcpto: file does not exist\n', stderr: '' })
  t.same(at('tcpto', `${home}/no`), { status: 111, stdout: 'fatal: unable to chdir: file does not exist\n', stderr: '' })
})

t.test('tcpto and tcpok wait for the lock of the table as long as a limit says, and then say so', async (t) => {
  const home = t.testdir({ queue: { lock: { tcpto: table([[192, 0, 2, 7], 2, 1]) } } })
  const fd = openSync(join(home, 'queue/lock/tcpto'), 'r')
  t.ok(tryLock(fd))
  const why = `another program has held it for ${timeoutTableSeconds} seconds`
  for (const [program, said] of [
    ['tcpto', `fatal: unable to lock tcpto: ${why}\n`],
    ['tcpok', `qmail-tcpok: fatal: unable to lock ${home}/queue/lock/tcpto: ${why}\n`],
  ] as const) {
    const { status, stdout, stderr } = spawnSync(join(bin, program), { env: { ...process.env, YABUMI_HOME: home }, encoding: 'latin1' })
    t.same({ status, said: stdout + stderr }, { status: 111, said }, program)
  }
})
