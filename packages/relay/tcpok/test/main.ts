import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'

const tcpok = join(import.meta.dirname, '../../../../bin/tcpok')

function run(home: string) {
  const { status, stdout, stderr } = spawnSync(tcpok, { env: { ...process.env, YABUMI_HOME: home }, encoding: 'latin1' })
  return { status, stdout, stderr }
}

t.test('tcpok overwrites the table with 1024 NULs, whatever was there', async (t) => {
  for (const tcpto of [Buffer.alloc(1024, 1), Buffer.alloc(0), Buffer.alloc(16, 1)]) {
    const home = t.testdir({ queue: { lock: { tcpto } } })
    t.same(run(home), { status: 0, stdout: '', stderr: '' })
    t.same(readFileSync(join(home, 'queue/lock/tcpto')), Buffer.alloc(1024))
  }
})

t.test('without a table tcpok says so in one line and exits 111', async (t) => {
  const home = t.testdir({ queue: { lock: {} } })
  const fatal = (text: string) => ({ status: 111, stdout: '', stderr: `qmail-tcpok: fatal: unable to ${text}: file does not exist\n` })
  t.same(run(home), fatal(`write ${home}/queue/lock/tcpto`))
  t.same(run(`${home}/queue`), fatal(`chdir to ${home}/queue/queue/lock`))
  t.same(run(`${home}/no`), fatal(`chdir to ${home}/no`))
})
