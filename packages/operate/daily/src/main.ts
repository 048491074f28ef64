/**
 * daily: run programs of the home once a day. README.md is the manual page.
 *
 * Trust   runs as root, because dkimkey writes control/; each program becomes the account of its work by itself. It
 *         starts what lies in bin/ and is named in control/daily, which root alone writes
 */
import { announceReady, commandLine, complain, readyDescriptor, run } from '@yabumi/commandline'
import { enterHome } from '@yabumi/home'
import { dailyLookSeconds } from '@yabumi/limits'
import { closeInheritedOnExec } from '@yabumi/posix'
import { errorText, Trouble } from '@yabumi/trouble'
import { readRuns, writeRuns } from './runs.ts'
import { nextDue, readLines } from './schedule.ts'
import { tellOutcome } from './told.ts'
import { Work } from './work.ts'

void run('daily', async () => {
  closeInheritedOnExec()
  const argv = (await commandLine('daily', '[--ready-fd N]'))
    .option('ready-fd', { type: 'string', requiresArg: true, describe: 'gets a line end once it runs' })
    .parseSync()
  if (argv._.length > 0) throw new Trouble('5.5.4', 'usage: daily [--ready-fd N]')
  const readyFd = readyDescriptor(argv['ready-fd'])
  const leave = new AbortController()
  process.once('SIGTERM', () => leave.abort()).once('SIGINT', () => leave.abort())
  enterHome()
  announceReady(readyFd)
  await keepDoing(leave.signal)
}).then(() => process.exit())

async function keepDoing(signal: AbortSignal): Promise<void> {
  const lines = readLines((line) => complain(`daily: ${line}`))
  while (!signal.aborted) {
    const now = Date.now()
    const runs = readRuns()
    const fresh = lines().filter(({ words }) => !runs.has(words.join(' ')))
    for (const { words } of fresh) runs.set(words.join(' '), now) // it has missed nothing
    if (fresh.length > 0) writeRuns(runs, lines())
    const due = nextDue(lines(), runs, now)
    if (due === undefined) {
      await pause(signal)
      continue
    }
    const { outcome, said } = await new Work(due).done(signal)
    if (signal.aborted) return // it has not come to its end: the next start begins it anew
    const command = due.words.join(' ')
    if (outcome !== undefined) complain(`daily: ${command}: ${outcome}`)
    await tellOutcome(command, outcome, said).catch((error: unknown) => complain(`daily: ${command}: ${errorText(error)}`))
    writeRuns(new Map([...runs, [command, now]]), lines())
  }
}

/** @param signal - ends it */
function pause(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', end)
      resolve()
    }
    const timer = setTimeout(end, dailyLookSeconds * 1_000)
    signal.addEventListener('abort', end)
  })
}
