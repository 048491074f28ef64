/** qcheck: find what is inconsistent in the queue, and repair it. README.md is the manual page. */
import { closeSync, constants } from 'node:fs'
import { run, say, toolLine } from '@yabumi/commandline'
import { nowSeconds } from '@yabumi/dates'
import { asAccount, enterHome } from '@yabumi/home'
import { messagesForOneThread } from '@yabumi/limits'
import { tryLock } from '@yabumi/posix'
import { openQueueFile, split } from '@yabumi/queuedir'
import { answerParts, isThread, lookByParts } from '@yabumi/queueparts'
import { errnoOf, errorText, Trouble } from '@yabumi/trouble'
import { lasting } from './again.ts'
import { allEnvelopes } from './envelopes.ts'
import type { Finding } from './finding.ts'
import type { Shared, State } from './message.ts'
import { type LookOrder, lookAtPart } from './part.ts'
import { accountsOfQueue, checkPlaces, namesIn } from './places.ts'
import { type Outcome, repair } from './repair.ts'
import { jsonOf, leftOf, type Report, textOf } from './report.ts'

/** One repair makes another one possible: a directory, the owner of a message, its place, then its number. */
const rounds = 6

async function main(): Promise<void> {
  const argv = (await toolLine('qcheck', '[--fix] [--json]'))
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
  const accounts = accountsOfQueue()
  process.chdir('queue')
  const shared: Shared = { accounts, now: nowSeconds() }
  const first = await look(shared)
  let found = await lasting(first.findings, shared)
  if (!fix) return { home, states: first.states, findings: found.map((finding) => ({ ...finding, outcome: 'found' })) }
  const permission = { alone: false, quiet: false }
  const repairFound = (): Outcome[] => {
    permission.alone ||= asAccount(accounts.send, () => isFree('lock/sendmutex')) // which may have to be repaired before it can be opened
    permission.quiet ||= isFree('../queue.sock.lock')
    return repair(found, shared, permission)
  }
  const repaired = []
  let outcomes = repairFound()
  for (let round = 1; round < rounds && outcomes.some(({ outcome }) => outcome === 'repaired'); round += 1) {
    repaired.push(...outcomes.filter(({ outcome }) => outcome === 'repaired'))
    found = await lasting((await look(shared)).findings, shared)
    outcomes = repairFound()
  }
  return { home, states: first.states, findings: [...repaired, ...outcomes] }
}

let looks = 0

interface Seen {
  readonly findings: Finding[]
  readonly states: Record<State, number>
}

/** Root looks as the accounts whose the queue is. Where these cannot look, the places say why, and nothing else is seen before they are repaired. */
async function look(shared: Shared): Promise<Seen> {
  const { accounts } = shared
  const seen: Seen = { findings: checkPlaces(accounts), states: { S2: 0, S3: 0, S4: 0, S5: 0, '?': 0 } }
  const areWrong = seen.findings.length > 0
  try {
    const order = { ...shared, envelopes: allEnvelopes(accounts.queue) }
    await asAccount(accounts.send, () => lookAtMessages(seen, order))
  } catch (error) {
    if (!areWrong || errnoOf(error) !== 'EACCES' || process.getuid?.() !== 0) throw error
  }
  return seen
}

async function lookAtMessages({ findings, states }: Seen, order: Omit<LookOrder, 'look'>): Promise<void> {
  looks += 1
  const messages = namesIn('mess/0').length > messagesForOneThread / split ? Number.POSITIVE_INFINITY : 0
  for await (const report of lookByParts(lookAtPart, { ...order, look: looks }, messages)) {
    for (const finding of report.findings) findings.push(finding)
    for (const state of Object.keys(states) as State[]) states[state] += report.states[state]
  }
}

/** Whether a lock could be had; it is then ours until we end, so that nobody who needs it starts meanwhile. */
function isFree(path: string): boolean {
  let fd: number
  try {
    fd = openQueueFile(path, constants.O_WRONLY).fd
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
