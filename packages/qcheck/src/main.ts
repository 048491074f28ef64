/** qcheck: find what is inconsistent in the queue, and repair it. README.md is the manual page. */
import { closeSync, constants, openSync } from 'node:fs'
import { commandLine, run, say } from '@yabumi/commandline'
import { nowSeconds } from '@yabumi/dates'
import { enterHome } from '@yabumi/home'
import { messagesForOneThread } from '@yabumi/limits'
import { tryLock } from '@yabumi/posix'
import { split } from '@yabumi/queuedir'
import { answerParts, isThread, lookByParts } from '@yabumi/queueparts'
import { errnoOf, errorText, Trouble } from '@yabumi/trouble'
import { lasting } from './again.ts'
import type { Finding } from './finding.ts'
import type { Circumstances, State } from './message.ts'
import { lookAtPart } from './part.ts'
import { accountsOfQueue, checkPlaces, namesIn } from './places.ts'
import { type Permission, repair } from './repair.ts'
import { jsonOf, leftOf, type Report, textOf } from './report.ts'

/** One repair makes another one possible: a message in its place, then its number. */
const rounds = 4

async function main(): Promise<void> {
  const argv = (await commandLine('qcheck', '[--fix] [--json]'))
    .option('fix', { type: 'boolean', default: false, describe: 'repair what can be repaired without risk' })
    .option('json', { type: 'boolean', default: false, describe: 'say it as one JSON text' })
    .parseSync()
  if (argv._.length > 0) throw new Trouble('5.5.4', 'usage: qcheck [--fix] [--json]')
  const report = await guarded(() => check(argv.fix))
  say(argv.json ? jsonOf(report, argv.fix) : textOf(report, argv.fix))
  process.exitCode = leftOf(report) === 0 ? 0 : 1
}

async function check(fix: boolean): Promise<Report> {
  const home = enterHome()
  process.chdir('queue')
  const circumstances: Circumstances = { accounts: accountsOfQueue(), now: nowSeconds() }
  const first = await look(circumstances)
  let found = await lasting(first.findings, circumstances)
  if (!fix) return { home, states: first.states, findings: found.map((finding) => ({ ...finding, outcome: 'found' })) }
  const permission: Permission = { alone: isFree('lock/sendmutex'), quiet: isFree('../queue.sock.lock') }
  const repaired = []
  let outcomes = repair(found, circumstances, permission)
  for (let round = 1; round < rounds && outcomes.some(({ outcome }) => outcome === 'repaired'); round += 1) {
    repaired.push(...outcomes.filter(({ outcome }) => outcome === 'repaired'))
    found = await lasting((await look(circumstances)).findings, circumstances)
    outcomes = repair(found, circumstances, permission)
  }
  return { home, states: first.states, findings: [...repaired, ...outcomes] }
}

let looks = 0

async function look(circumstances: Circumstances): Promise<{ findings: Finding[]; states: Record<State, number> }> {
  looks += 1
  const findings = checkPlaces(circumstances.accounts)
  const states: Record<State, number> = { S2: 0, S3: 0, S4: 0, S5: 0, '?': 0 }
  const messages = namesIn('mess/0').length > messagesForOneThread / split ? Number.POSITIVE_INFINITY : 0
  for await (const report of lookByParts(lookAtPart, { ...circumstances, look: looks }, messages)) {
    for (const finding of report.findings) findings.push(finding)
    for (const state of Object.keys(states) as State[]) states[state] += report.states[state]
  }
  return { findings, states }
}

/** Whether a lock could be had; it is then ours until we end, so that nobody who needs it starts meanwhile. */
function isFree(path: string): boolean {
  let fd: number
  try {
    fd = openSync(path, constants.O_WRONLY | constants.O_NONBLOCK)
  } catch (error) {
    return errnoOf(error) === 'ENOENT'
  }
  const free = tryLock(fd)
  if (!free) closeSync(fd)
  return free
}

async function guarded<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (cause) {
    const code = errnoOf(cause)
    if (code === undefined) throw cause
    const path = (cause as NodeJS.ErrnoException).path ?? ''
    throw new Trouble('4.3.0', `unable to look at ${path}: ${errorText(cause)}; the queue's account, or root, may`, { cause })
  }
}

if (isThread) answerParts(lookAtPart)
else void run('qcheck', main)
