/**
 * Start the programs of a home in order, keep them running, and stop them in order.
 *
 * Up      queue first, for everything else needs it; then send, the servers, and whom they ask
 * Down    the servers and send are told at once: nothing new comes in while deliveries under way are finished. queue
 *         leaves after them, because deliveries that forward, and bounces, need it. recipientd, authd and sessiond are
 *         last. All of it is within control/stoptime, and nobody of a program's process group is left
 * Files   supervise/pids: name and process number of each program, a line each, for whoever wants to look
 */
import { renameSync, rmSync, writeFileSync } from 'node:fs'
import { announceReady } from '@yabumi/commandline'
import { StopTime } from '@yabumi/control'
import { stopMarginSeconds } from '@yabumi/limits'
import { errorText } from '@yabumi/trouble'
import { Guard } from './guard.ts'
import { say } from './log.ts'
import { Program } from './program.ts'
import { askedPlans, cleanEnvironment, dailyPlans, type Plan, queuePlan, sendPlan, serverPlans, type Wishes } from './programs.ts'

export interface Supervision extends Wishes {
  readonly home: string
  /** The locked descriptor; held for as long as we run. */
  readonly lock: number
  /** Gets a line end once every listener accepts and send is up. */
  readonly readyFd: number | undefined
}

/** Run until TERM or INT. The working directory is the home. */
export async function supervise(supervision: Supervision): Promise<void> {
  const guard = new Guard()
  const programs: Program[] = []
  const changed = (): void => {
    const running = programs.flatMap(({ name, pid }) => (pid === undefined ? [] : [{ name, pid }]))
    guard.watch(running.map(({ pid }) => pid))
    writePids(running.map(({ name, pid }) => `${name} ${pid}\n`).join(''))
  }
  const environment = cleanEnvironment(supervision.home, process.env)
  const add = (plan: Plan): Program => {
    const program = new Program(plan, environment, changed)
    programs.push(program)
    return program
  }
  const queue = add(queuePlan)
  const send = add(sendPlan(supervision))
  const servers = [...serverPlans(supervision), ...dailyPlans()].map(add)
  const asked = askedPlans(supervision).map(add)

  const stopTime = new StopTime(say)
  const told = termination()
  for (const name of ['SIGHUP', 'SIGALRM'] as const) process.on(name, () => send.signal(name))
  process.stderr.on('error', () => undefined) // whoever read the log is gone; mail goes on

  queue.start()
  await Promise.race([queue.ready, told])
  if (!told.isOver) for (const program of [send, ...asked, ...servers]) program.start()
  void Promise.all(programs.map(({ ready }) => ready)).then(() => {
    if (!told.isOver) announceReady(supervision.readyFd)
  })
  await told
  await stop([[...servers, send], [queue], ...asked.map((program) => [program])], stopTime.seconds)
  rmSync('supervise/pids', { force: true })
}

/** A full disk is no reason to stop: mail is refused for a while then, and goes on when there is room. */
function writePids(text: string): void {
  try {
    writeFileSync('supervise/pids.new', text)
    renameSync('supervise/pids.new', 'supervise/pids')
  } catch (error) {
    say(`unable to write supervise/pids: ${errorText(error)}`)
  }
}

interface Termination extends Promise<void> {
  isOver: boolean
}

/** Resolves at the first TERM or INT. */
function termination(): Termination {
  const promise = new Promise<void>((resolve) => {
    const first = (): void => {
      told.isOver = true
      resolve()
    }
    process.on('SIGTERM', first).on('SIGINT', first)
  })
  const told: Termination = Object.assign(promise, { isOver: false })
  return told
}

const margins = 5

/** One group of programs after the other; a second TERM or INT, and the end of the time, kill what is left: queue/ is made for that. */
async function stop(order: readonly (readonly Program[])[], seconds: number): Promise<void> {
  const killAll = (): void => {
    say('told twice: killing what is left')
    for (const program of order.flat()) program.kill()
  }
  process.once('SIGTERM', killAll).once('SIGINT', killAll)
  const deadline = performance.now() + (seconds + margins * stopMarginSeconds) * 1000
  for (const programs of order) await stopBy(deadline, programs)
}

/** Who is told last has a moment, however late it is: with nothing under way that is enough. */
async function stopBy(deadline: number, programs: readonly Program[]): Promise<void> {
  const patience = Math.max(deadline - performance.now(), stopMarginSeconds * 1000)
  const timer = setTimeout(() => {
    say(`${programs.map(({ name }) => name).join(', ')}: not gone in time; killing what is left`)
    for (const program of programs) program.kill()
  }, patience)
  await Promise.all(programs.map((program) => program.stop()))
  clearTimeout(timer)
}
