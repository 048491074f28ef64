/** A user's program that never ends is ended, with what it has started, and nothing of it is left when the system is killed. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { ScratchHome } from '../support/home.ts'
import { until } from '../support/wait.ts'

/** Whether the process is there whose number stands in a file of joe's home. */
function runs(home: ScratchHome, file: string): boolean {
  try {
    const pid = readFileSync(join(home.userHome('joe'), file), 'latin1').trim()
    return pid !== '' && !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'latin1'))
  } catch {
    return false
  }
}

t.test('a program that takes longer than control/programtimeout and heeds no TERM is killed with its group', async (t) => {
  const home = await ScratchHome.make(t, 'joe')
  home.control('programtimeout', '5\n') // both have begun by then
  home.userFile('joe', 'stubborn', `trap '' TERM; echo $$ >$1; while :; do sleep 1; done\n`, 0o700)
  home.userFile('joe', '.qmail', `|trap '' TERM; sh ./stubborn child & sh ./stubborn own\n`)
  const running = await home.supervise()
  await home.inject(['joe'], 'Subject: x\n\nx\n')
  await until('both run', () => runs(home, 'own') && runs(home, 'child'))
  await running.logs(/deferral: Ended_a_program_after_5_seconds,_as_control\/programtimeout_says:_/)
  await until('both are gone', () => !runs(home, 'own') && !runs(home, 'child'))
})

t.test('a program with a time limit does not outlive a system that is killed', async (t) => {
  const home = await ScratchHome.make(t, 'joe')
  home.userFile('joe', '.qmail', '|echo $$ >own; while :; do sleep 1; done\n')
  const running = await home.supervise()
  await home.inject(['joe'], 'Subject: x\n\nx\n')
  await until('it runs', () => runs(home, 'own'))
  const worker = Number(
    readFileSync(`/proc/${readFileSync(join(home.userHome('joe'), 'own'), 'latin1').trim()}/stat`, 'latin1').split(' ')[3],
  )
  process.kill(worker, 'SIGKILL')
  await running.logs(/deferral: qmail-local_crashed/)
  await until('it is gone', () => !runs(home, 'own'))
})
