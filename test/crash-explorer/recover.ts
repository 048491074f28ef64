/**
 * Start the real system on many rebuilt states at once, let it come to rest, let the timers run out, and see what is there.
 *
 * The states share a home and nothing else: each has its own messages, recipients and mailboxes. What is left when all mail is finished
 * may only be waiting for its timer of 36 hours: it is made that old, and the system started once more.
 */
import { chownSync, cpSync, lutimesSync, mkdirSync, readdirSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { execa } from 'execa'
import { userAccount } from '../support/home.ts'
import type { Running } from '../support/running.ts'
import { oldSeconds, type ScenarioHome } from './scenariohome.ts'
import { filesBelow, pathsBelow } from './trees.ts'

/** What was found in a home after the crash, and after everything that follows. */
export interface Aftermath {
  /** Files of the model's trees, once all mail was finished. */
  readonly rested: ReadonlyMap<string, Buffer>
  /** Files below queue/ once the timers had run out. */
  readonly left: readonly string[]
  /** Files in tmp/ of Maildirs that no reader removed. */
  readonly leftInTmp: readonly string[]
  /** What qcheck found before the start and at the end: a name for each path below queue/. */
  readonly named: readonly ReadonlyMap<string, string>[]
}

const restlessSeconds = 25

/** @param stuck - paths below queue/ that nothing will move: messages that no program can finish or remove */
export async function recover(scenarioHome: ScenarioHome, stuck: ReadonlySet<string>): Promise<Aftermath> {
  const before = await qcheck(scenarioHome)
  const first = await scenarioHome.start()
  const open = (): string[] => pathsBelow(scenarioHome.path('queue')).filter((path) => /^(todo|info)\//.test(path) && !stuck.has(path))
  await rest(first, () => open().length)
  await end(first)
  const rested = new Map([...scenarioHome.roots].flatMap(([name, directory]) => (name === 'queue' ? [] : [...filesBelow(directory, name)])))
  await sweep(scenarioHome, stuck)
  const leftInTmp = await readMaildirs(scenarioHome, rested.keys())
  const left = pathsBelow(scenarioHome.path('queue')).filter((path) => !path.startsWith('spare/')) // kept to be used again
  return { rested, left, leftInTmp, named: [before, left.length === 0 ? new Map() : await qcheck(scenarioHome)] }
}

/** @throws Error with the log, if the system does not end as it should */
async function end(running: Running): Promise<void> {
  const code = await running.stop()
  if (code !== 0) throw new Error(`supervise ended with ${code ?? 'a signal'}:\n${running.log.slice(-4_000)}`)
}

/** Until nothing is open, or nothing happens any more. What was deferred is tried again and again. */
async function rest(running: Running, open: () => number): Promise<void> {
  let [last, seen] = ['', performance.now()]
  for (let turn = 1; ; turn += 1) {
    const now = open()
    if (now === 0) return
    const sight = `${now} ${running.log.match(/success|failure|bounce msg|end msg/g)?.length}`
    if (sight !== last) [last, seen] = [sight, performance.now()]
    if (performance.now() - seen > restlessSeconds * 1000) return
    if (turn % 10 === 0) running.signal('SIGALRM')
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

/** Make old what is left, and start the system once more. */
async function sweep(scenarioHome: ScenarioHome, stuck: ReadonlySet<string>): Promise<void> {
  const left = (): string[] => pathsBelow(scenarioHome.path('queue')).filter((path) => !stuck.has(path) && !path.startsWith('spare/'))
  const strays = left().filter((path) => /^(pid|mess|intd)\//.test(path))
  if (strays.length === 0) return
  const then = Date.now() / 1000 - oldSeconds
  for (const path of strays) lutimesSync(scenarioHome.path(`queue/${path}`), then, then)
  const running = await scenarioHome.start()
  let [last, seen] = [-1, performance.now()]
  for (let now = left().length; now > 0 && performance.now() - seen < restlessSeconds * 1000; now = left().length) {
    if (now !== last) [last, seen] = [now, performance.now()]
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  await end(running)
}

/** All files in tmp/ of all Maildirs, 37 hours old, in one Maildir, and a mail reader that comes to it. */
async function readMaildirs(scenarioHome: ScenarioHome, paths: Iterable<string>): Promise<string[]> {
  const strays = [...paths].filter((path) => /^boxes\/.*\/tmp\//.test(path) && basename(dirname(dirname(path))) !== 'p')
  if (strays.length === 0) return []
  const maildir = join(scenarioHome.home.root, 'strays')
  for (const part of ['', 'tmp', 'new', 'cur']) ownDirectory(join(maildir, part))
  const then = Date.now() / 1000 - oldSeconds
  for (const [index, path] of strays.entries()) {
    const copy = join(maildir, 'tmp', `${index}.${basename(path)}`)
    cpSync(scenarioHome.path(path), copy)
    lutimesSync(copy, then, then)
  }
  const program = join(scenarioHome.home.directory, 'bin/pop3d') // never as root
  await execa(program, [maildir], { ...userAccount, env: scenarioHome.home.environment, extendEnv: false, input: 'QUIT\r\n' })
  return readdirSync(join(maildir, 'tmp'))
}

function ownDirectory(path: string): void {
  mkdirSync(path)
  chownSync(path, userAccount.uid, userAccount.gid)
}

async function qcheck(scenarioHome: ScenarioHome): Promise<Map<string, string>> {
  const { stdout, stderr } = await scenarioHome.home.run('qcheck', ['--json'], { reject: false })
  if (stdout === '') throw new Error(`qcheck said nothing but ${stderr}`)
  const { findings } = JSON.parse(stdout) as { findings: { name: string; path: string }[] }
  return new Map(findings.map(({ name, path }) => [path, name]))
}
