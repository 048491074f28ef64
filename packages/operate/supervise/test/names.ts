/** What the processes of a home are called: what an administrator types. */
import { execa } from 'execa'
import t from 'tap'
import { ScratchHome } from '../../../../test/support/home.ts'
import { below } from '../../../../test/support/processes.ts'
import { missing } from '../../../../test/support/programs.ts'

/** The process numbers that a tool prints. */
async function numbersOf(file: string, args: string[]): Promise<number[]> {
  const { stdout } = await execa(file, args, { reject: false })
  return stdout.split(/\s+/).filter(Boolean).map(Number)
}

t.test('programs that stay have their names for ps, top, pgrep, pidof and killall', { skip: missing('pgrep', 'ps', 'top') }, async (t) => {
  const home = await ScratchHome.make(t, 'joe')
  const running = await home.supervise()
  await home.inject(['-fa@mail.test.example', 'joe@mail.test.example'], 'Subject: x\n\ny\n')
  await running.emptied() // so that there is a worker of local
  const pids = new Map([['supervise', running.pid]])
  for (const { program, pid } of below(running.pid)) pids.set(program, pid)
  t.ok(['local', 'lspawn', 'send', 'queue', 'smtpd', 'popup', 'supervise'].every((name) => pids.has(name)))
  const hasPidof = missing('pidof') === false
  const hasKillall = missing('killall') === false
  for (const [program, pid] of pids) {
    const name = `yabumi-${program}`
    const short = name.slice(0, 15)
    t.equal((await execa('ps', ['-o', 'comm=', '-p', String(pid)])).stdout.trim(), short)
    t.match((await execa('top', ['-b', '-n', '1', '-p', String(pid)], { env: { TERM: 'dumb', COLUMNS: '120' } })).stdout, short)
    t.ok((await numbersOf('pgrep', ['-x', short])).includes(pid), `pgrep ${name}`)
    if (hasPidof) t.ok((await numbersOf('pidof', [name])).includes(pid), `pidof ${name}`)
    if (hasKillall) t.equal((await execa('killall', ['-0', name], { reject: false })).exitCode, 0, `killall ${name}`)
  }
  await running.stop()
})
