/**
 * Let one system call of a program fail, every one in turn: strace --inject=CALL:error=ERRNO:when=N.
 *
 * A first run without faults is traced. The calls of it that touch the scratch place, or descriptors 0 and 1, are the points; each is then made
 * to fail with the errors that the manual knows for it, in a run of its own on a fresh place.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'

/** After which a program that a fault has hung is ended. It may take its time on a slow machine, and strace slows it down. */
export const hungSeconds = 120

/** What is tried at a call; the first is tried in the short form. */
const errors: Record<string, readonly string[]> = {
  openat: ['EMFILE', 'ENFILE', 'EACCES', 'ENOMEM', 'ENOSPC', 'EIO', 'EINTR'],
  write: ['ENOSPC', 'EIO', 'EINTR', 'ENOMEM'],
  pwrite64: ['ENOSPC', 'EIO', 'EINTR'],
  writev: ['ENOSPC', 'EIO', 'EINTR'],
  read: ['EIO', 'EINTR', 'ENOMEM'],
  pread64: ['EIO', 'EINTR'],
  fsync: ['EIO', 'ENOSPC', 'EINTR'],
  rename: ['ENOSPC', 'EIO', 'EACCES', 'ENOMEM'],
  link: ['ENOSPC', 'EIO', 'EACCES'],
  unlink: ['EIO', 'EACCES', 'ENOMEM'],
  ftruncate: ['EIO', 'EINTR'],
  mkdir: ['ENOSPC', 'EACCES'],
  statx: ['ENOMEM', 'EACCES', 'EIO'],
  flock: ['ENOMEM', 'EINTR'],
  chdir: ['EACCES', 'EIO', 'ENOMEM'],
  utimensat: ['EIO'],
  connect: ['EMFILE', 'ENOMEM', 'EACCES', 'EINTR'],
  socket: ['EMFILE', 'ENFILE', 'ENOMEM'],
  pipe2: ['EMFILE', 'ENFILE'],
}

export const noStrace: string | false =
  spawnSync('strace', ['-o', '/dev/null', 'true']).status === 0 ? false : 'strace is not installed or may not trace'

export interface Scenario {
  readonly name: string
  /** Make a fresh place for a run. */
  prepare(place: string): void
  /** The program, with its descriptors; strace's own words come in front. */
  command(place: string): {
    file: string
    args: readonly string[]
    env: Record<string, string>
    input: string | Buffer
    descriptorOne?: string | Buffer
  }
  /** For a program that stays: a shell condition in the place, at which it is told to leave. */
  readonly until?: string
  /** Of how many points one is tried in the short form; 3 by default. */
  readonly sparse?: number
  /** Say what is wrong with the outcome, if anything. `undefined`: nothing. A fault may only make it say "later". */
  judge(place: string, exit: number | undefined, output: string): Promise<string | undefined> | string | undefined
}

export interface Point {
  readonly call: string
  readonly n: number
  readonly text: string
}

export interface Fault extends Point {
  readonly error: string
}

/** Run a program that stays, traced or not, until the condition holds, or for half a minute. It is told every second to try again what was deferred. */
export function stays(condition: string, tracer: '-D' | ''): string {
  const start = tracer === '' ? '"$@"' : `strace ${tracer} "$@"`
  return `${start} >said 2>&1 & p=$!; i=0
while [ $i -lt 300 ] && kill -0 $p 2>/dev/null && ! { ${condition}; }; do sleep 0.1; i=$((i+1)); [ $((i%10)) = 5 ] && grep -q status: said && kill -ALRM $p; done
kill -TERM $p; wait $p`
}

interface Ended {
  /** Undefined: killed by a signal. */
  readonly exit: number | undefined
  readonly hung: boolean
  readonly output: string
  /** Path. */
  readonly trace: string
}

async function run(scenario: Scenario, place: string, options: readonly string[]): Promise<Ended> {
  const { file, args, env, input, descriptorOne } = scenario.command(place)
  const trace = join(place, 'trace')
  const names = Object.keys(errors).map((name) => `?${name}`)
  const strace = ['-f', '-y', '-s', '300', '-o', trace, '-e', `trace=${names.join(',')}`, ...options, file, ...args]
  // a shell puts the envelope on descriptor 1; what the program says goes to 2
  const words = ['-c', 'exec strace "$@" 1<"$0"', join(place, 'one'), ...strace]
  const plain = descriptorOne === undefined && scenario.until === undefined
  if (scenario.until !== undefined) words.splice(1, 1, stays(scenario.until, '-D'))
  const [program, its] = plain ? ['strace', strace] : ['/bin/sh', words]
  // strace blocks SIGTERM, and killed alone it leaves what it traces: timeout kills the process group
  const bounded = ['-s', 'KILL', String(hungSeconds), program, ...its]
  const child = execa('timeout', bounded, { env, extendEnv: false, input, cwd: place, reject: false, stripFinalNewline: false })
  const ended = await child
  killGroup(child.pid ?? 0)
  return { exit: ended.exitCode, hung: ended.signal === 'SIGKILL', output: `${ended.stdout}${ended.stderr}`, trace }
}

/** A program that its parent has left behind, because it hangs at its end, say. */
function killGroup(leader: number): void {
  try {
    process.kill(-leader, 'SIGKILL')
  } catch {
    // nobody is left
  }
}

function fresh(scenario: Scenario): string {
  const place = mkdtempSync(join(realpathSync(tmpdir()), 'yabumi-fault-'))
  scenario.prepare(place)
  return place
}

/** The calls of a run without faults that can be made to fail. @throws Error if that run is not right */
export async function pointsOf(scenario: Scenario): Promise<Point[]> {
  const place = fresh(scenario)
  try {
    const { exit, output, trace } = await run(scenario, place, [])
    const wrong = await scenario.judge(place, exit, output)
    if (wrong !== undefined || exit !== 0) throw new Error(`${scenario.name} fails without a fault: exit ${exit}, ${wrong ?? ''} ${output}`)
    const counts = new Map<string, number>()
    const points = new Map<string, Point>()
    for (const line of readFileSync(trace, 'latin1').split('\n')) {
      const [, thread, call, text] = /^(\d+) +(\w+)\((.*)$/.exec(line) ?? []
      if (thread === undefined || call === undefined || text === undefined) continue
      const n = (counts.get(thread + call) ?? 0) + 1 // strace counts for each thread
      counts.set(thread + call, n)
      // Node's own start: of the machine's files it reads, OpenSSL's settings are the one whose fault shows, see test/hostile/found.ts
      if (/^AT_FDCWD<[^>]*>, "\//.test(text) && !text.includes(`, "${place}`)) continue
      if (isOurs(text, place)) points.set(`${call} ${n}`, { call, n, text: text.replaceAll(place, '').slice(0, 80) })
    }
    return [...points.values()]
  } finally {
    rmSync(place, { recursive: true, force: true })
  }
}

/** Whether a call touches the scratch place, descriptors 0 and 1, or a connection. @param text - of its arguments */
function isOurs(text: string, place: string): boolean {
  const ours =
    text.includes(place) ||
    /^(?:[01]<|\d+<socket:|AF_)/.test(text) ||
    /"(?:pid|mess|intd|todo|spare|lock|tmp|new|queue|control|\.)\//.test(text)
  return ours && !text.includes('/trace"')
}

/**
 * Whether what failed says nothing about us, because it was Node's own: how often its threads call each other is not the same in every run. Such a
 * call may hang it, as the lock in its pipe for signals does that was not put back; else it counts only alone.
 */
function isNodesOwn(trace: string, place: string, hung: boolean): boolean {
  const injected = [...readFileSync(trace, 'latin1').matchAll(/^\d+ +\w+\((.*)\(INJECTED\)$/gm)]
  const own = injected.filter(([, text = '']) => !isOurs(text, place))
  return hung ? own.length > 0 : injected.length > 0 && own.length === injected.length
}

/**
 * What to try: every third point (or what `sparse` says) with one error, a different one each time; or every point with all of its errors, those of a
 * slow scenario with one.
 */
export function faultsOf(points: readonly Point[], all: boolean, sparse = 3): Fault[] {
  return points.flatMap((point, index) => {
    const possible = errors[point.call] as readonly string[]
    const slow = sparse > 4
    if (all && !slow) return possible.map((error) => ({ ...point, error }))
    const step = all ? 1 : sparse
    return index % step === 0 ? [{ ...point, error: possible[(index / step) % possible.length] as string }] : []
  })
}

/**
 * Run with each of the faults.
 *
 * @param outcome - told of each what is wrong, if anything
 */
export async function tryFaults(
  scenario: Scenario,
  faults: readonly Fault[],
  outcome: (wrong: string | undefined, fault: Fault) => void,
): Promise<void> {
  const left = faults.values()
  const some = async (): Promise<void> => {
    for (const fault of left) outcome(await tryFault(scenario, fault), fault)
  }
  await Promise.all(Array.from({ length: availableParallelism() }, some))
}

async function tryFault(scenario: Scenario, { call, n, error, text }: Fault): Promise<string | undefined> {
  const place = fresh(scenario)
  try {
    const { exit, hung, output, trace } = await run(scenario, place, ['-e', `inject=${call}:error=${error}:when=${n}`])
    const wrong = hung ? 'it hung' : await scenario.judge(place, exit, output)
    if (wrong !== undefined && isNodesOwn(trace, place, hung)) return undefined
    return wrong && `${call} ${n} (${text}) fails with ${error}: exit ${exit}: ${wrong}; it said ${JSON.stringify(output.slice(0, 300))}`
  } finally {
    rmSync(place, { recursive: true, force: true })
  }
}
